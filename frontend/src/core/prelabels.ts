/** Predictions shown before a frame is labelled. They are labels only once a person confirms them. */

import { type Changes, type Point, type PointKey, type Points } from "./labels";

export interface PredictedPoint {
  readonly x: number;
  readonly y: number;
  readonly likelihood: number;
}

export interface Prelabels {
  readonly modelId: string | null;
  readonly points: ReadonlyMap<PointKey, PredictedPoint>;
}

export const NO_PRELABELS: Prelabels = { modelId: null, points: new Map() };

/** The predictions of a frame as they wait in the queue, x, y and likelihood in turn: thousands of frames stay small. */
export interface PackedPrelabels {
  readonly modelId: string;
  readonly keys: readonly PointKey[];
  readonly values: Float64Array;
}

/** Packs predictions frame after frame; frames with the same points share the list of their keys. */
export function packer(): (modelId: string, points: readonly (readonly [PointKey, PredictedPoint])[]) => PackedPrelabels {
  let shared: readonly PointKey[] = [];
  return (modelId, points) => {
    if (points.length !== shared.length || points.some(([key], n) => key !== shared[n])) shared = points.map(([key]) => key);
    return { modelId, keys: shared, values: Float64Array.from(points.flatMap(([, p]) => [p.x, p.y, p.likelihood])) };
  };
}

export function unpacked(packed: PackedPrelabels | null): Prelabels {
  if (packed === null) return NO_PRELABELS;
  const { modelId, keys, values } = packed;
  const value = (at: number) => values[at] ?? 0;
  return { modelId, points: new Map(keys.map((key, n) => [key, { x: value(3 * n), y: value(3 * n + 1), likelihood: value(3 * n + 2) }])) };
}

/** A prediction taken over where it is; the label remembers whose it was. */
const taken = (predicted: Prelabels, p: PredictedPoint): Point => ({ x: p.x, y: p.y, state: "visible", modelId: predicted.modelId });

/** Every predicted point that nobody labelled yet and that is at least as likely as `threshold`. */
export function confirmed(predicted: Prelabels, points: Points, threshold: number): Changes {
  const open = [...predicted.points].filter(([key, p]) => !points.has(key) && p.likelihood >= threshold);
  return new Map(open.map(([key, p]) => [key, taken(predicted, p)]));
}

export function confirmOne(predicted: Prelabels, points: Points, key: PointKey): Changes {
  const guess = predicted.points.get(key);
  return guess === undefined || points.has(key) ? new Map() : new Map([[key, taken(predicted, guess)]]);
}

/** The next predicted point, after `current` in the order of `keys`, that waits for a person. */
export function nextPredicted(predicted: Prelabels, points: Points, keys: readonly PointKey[], current: PointKey | null): PointKey | null {
  const start = current === null ? -1 : keys.indexOf(current);
  for (let step = 1; step <= keys.length; step++) {
    const key = keys[(start + step + keys.length) % keys.length];
    if (key !== undefined && predicted.points.has(key) && !points.has(key)) return key;
  }
  return null;
}

/** What one press of Enter does: sure predictions become labels, doubtful ones are visited in turn, then the frame is done. */
export function pressEnter(
  predicted: Prelabels,
  points: Points,
  keys: readonly PointKey[],
  current: PointKey | null,
  threshold: number,
): { readonly changes: Changes; readonly visit: PointKey | null } {
  const changes = new Map(confirmed(predicted, points, threshold));
  // A doubtful point that is looked at was visited before: Enter says that it is right.
  if (current !== null) for (const [key, point] of confirmOne(predicted, points, current)) changes.set(key, point);
  const after = new Map([...points, ...[...changes].flatMap(([key, point]) => (point === null ? [] : [[key, point] as const]))]);
  return { changes, visit: nextPredicted(predicted, after, keys, current) };
}

/** Back to what was predicted: the labels of these keys are taken away. */
export const resetToPrediction = (predicted: Prelabels, points: Points, keys: readonly PointKey[]): Changes =>
  new Map(keys.filter((key) => points.has(key) && predicted.points.has(key)).map((key) => [key, null]));
