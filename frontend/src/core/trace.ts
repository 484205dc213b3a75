/** One point of one track over some frames, as a plot wants it. Pure, so that it is tested without a browser. */

import { CHUNK_FRAMES, readPoint, readVariance, type PoseStore } from "./poses";

export type Coordinate = "x" | "y" | "likelihood";

export interface Span {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

export interface Band {
  readonly low: (number | null)[];
  readonly high: (number | null)[];
}

/** Standard deviations on each side that hold 90 % of a normal distribution. */
export const SIDE_OF_90 = 1.645;

/** `count` frames around one, moved inwards at both ends of the video. */
export function spanAround(frame: number, count: number, frameCount: number): Span {
  const last = Math.min(frameCount - 1, Math.max(frame + Math.ceil(count / 2), count - 1));
  return { first: Math.max(0, last - count + 1), last };
}

export const framesOf = ({ first, last }: Span): number[] => Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);

/** Fetches all chunks of a span. */
export async function loadSpan(store: PoseStore, { first, last }: Span): Promise<void> {
  const starts = Array.from({ length: Math.floor(last / CHUNK_FRAMES) - Math.floor(first / CHUNK_FRAMES) + 1 }, (_, i) => first + i * CHUNK_FRAMES);
  await Promise.all([...starts, last].map((frame) => store.load(Math.min(frame, last))));
}

/** Null where nothing is known, or not yet. */
export function traceOf(store: PoseStore, individual: number, keypoint: number, coordinate: Coordinate, span: Span): (number | null)[] {
  return framesOf(span).map((frame) => {
    const chunk = store.peek(frame);
    return chunk === null ? null : (readPoint(store.shape, chunk, frame, individual, keypoint)?.[coordinate] ?? null);
  });
}

/** Where the point lies with 90 % certainty, on one axis. */
export function bandOf(track: readonly (number | null)[], variance: PoseStore, individual: number, keypoint: number, axis: "x" | "y", span: Span): Band {
  const half = framesOf(span).map((frame) => {
    const chunk = variance.peek(frame);
    const read = chunk === null ? null : readVariance(variance.shape, chunk, frame, individual, keypoint);
    return read === null ? null : SIDE_OF_90 * Math.sqrt(read[axis]);
  });
  const shifted = (sign: number) =>
    track.map((value, i) => {
      const by = half[i];
      return value === null || by == null ? null : value + sign * by;
    });
  return { low: shifted(-1), high: shifted(1) };
}
