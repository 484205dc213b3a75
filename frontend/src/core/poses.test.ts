import { describe, expect, it } from "vitest";
import { CHUNK_FRAMES, chunkRange, decodeBlock, PoseStore, readPoint, type BlockShape } from "./poses";

const shape: BlockShape = { frames: CHUNK_FRAMES + 10, individuals: 2, keypoints: 3 };

function block(): ArrayBuffer {
  const values = new DataView(new ArrayBuffer(shape.frames * 2 * 3 * 3 * 4));
  for (let i = 0; i < values.byteLength / 4; i++) values.setFloat32(i * 4, i, true);
  return values.buffer;
}

describe("predicted poses", () => {
  it("are fetched by chunk, once, and read back exactly", async () => {
    const bytes = block();
    const asked: number[] = [];
    const store = new PoseStore(shape, (first, last) => {
      asked.push(first);
      return Promise.resolve(bytes.slice(first, last + 1));
    });
    expect(store.peek(CHUNK_FRAMES + 2)).toBeNull();
    await Promise.all([store.load(CHUNK_FRAMES + 2), store.load(CHUNK_FRAMES + 3)]);
    expect(asked).toHaveLength(1);
    const chunk = store.peek(CHUNK_FRAMES + 2);
    const first = ((CHUNK_FRAMES + 2) * 2 + 1) * 3 * 3 + 2 * 3;
    expect(chunk && readPoint(shape, chunk, CHUNK_FRAMES + 2, 1, 2)).toEqual({ x: first, y: first + 1, likelihood: first + 2 });
  });

  it("end at the last frame", () => {
    expect(chunkRange(shape, 1).last).toBe(shape.frames * 2 * 3 * 3 * 4 - 1);
  });

  it("have no point where the network gave none", () => {
    const chunk = new Float32Array([Number.NaN, 1, 0.5]);
    expect(readPoint({ frames: 1, individuals: 1, keypoints: 1 }, chunk, 0, 0, 0)).toBeNull();
    expect(readPoint({ frames: 1, individuals: 1, keypoints: 1 }, new Float32Array(0), 0, 0, 0)).toBeNull();
  });

  it("keep only as many chunks as allowed", async () => {
    const small: BlockShape = { frames: 5 * CHUNK_FRAMES, individuals: 1, keypoints: 1 };
    const store = new PoseStore(small, (first, last) => Promise.resolve(new ArrayBuffer(last - first + 1)), 2);
    for (let chunk = 0; chunk < 5; chunk++) await store.load(chunk * CHUNK_FRAMES);
    expect(store.peek(0)).toBeNull();
    expect(store.peek(4 * CHUNK_FRAMES)).not.toBeNull();
  });

  it("are little-endian", () => {
    expect(decodeBlock(new Uint8Array([0, 0, 128, 63]).buffer)[0]).toBe(1);
  });
});
