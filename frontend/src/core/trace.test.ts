import { describe, expect, it } from "vitest";
import { CHUNK_FRAMES, PoseStore, readVariance } from "./poses";
import { bandOf, loadSpan, spanAround, traceOf } from "./trace";

function store(values: number, value: (frame: number, place: number) => number, frames = CHUNK_FRAMES + 20): PoseStore {
  const block = new DataView(new ArrayBuffer(frames * values * 4));
  for (let frame = 0; frame < frames; frame++) {
    for (let i = 0; i < values; i++) block.setFloat32((frame * values + i) * 4, value(frame, i), true);
  }
  return new PoseStore({ frames, individuals: 1, keypoints: 1, values }, (first, last) => Promise.resolve(block.buffer.slice(first, last + 1)));
}

describe("a trace", () => {
  it("stays inside the video", () => {
    expect(spanAround(0, 100, 1000)).toEqual({ first: 0, last: 99 });
    expect(spanAround(999, 100, 1000)).toEqual({ first: 900, last: 999 });
    expect(spanAround(500, 100, 1000)).toEqual({ first: 451, last: 550 });
    expect(spanAround(5, 100, 30)).toEqual({ first: 0, last: 29 });
  });

  it("is read across chunks once they are here, with gaps where there is no point", async () => {
    const poses = store(3, (frame, i) => (frame === CHUNK_FRAMES + 1 ? NaN : frame + i));
    const span = { first: CHUNK_FRAMES - 2, last: CHUNK_FRAMES + 1 };
    expect(traceOf(poses, 0, 0, "x", span)).toEqual([null, null, null, null]);
    await loadSpan(poses, span);
    expect(traceOf(poses, 0, 0, "y", span)).toEqual([CHUNK_FRAMES - 1, CHUNK_FRAMES, CHUNK_FRAMES + 1, null]);
  });

  it("has a band as wide as its variance says", async () => {
    const variance = store(2, (_frame, i) => (i === 0 ? 4 : 9));
    const span = { first: 0, last: 1 };
    await loadSpan(variance, span);
    const { low, high } = bandOf([10, null], variance, 0, 0, "x", span);
    expect(low).toEqual([10 - 1.645 * 2, null]);
    expect(high).toEqual([10 + 1.645 * 2, null]);
    const chunk = variance.peek(1);
    expect(chunk && readVariance(variance.shape, chunk, 1, 0, 0)).toEqual({ x: 4, y: 9 });
  });
});
