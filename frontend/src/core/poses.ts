/** Predictions as the server keeps them: little-endian float32 (frame, individual, keypoint, 3) = x, y, likelihood. */

export interface BlockShape {
  readonly frames: number;
  readonly individuals: number;
  readonly keypoints: number;
  /** Numbers a point: x, y, likelihood unless said otherwise. */
  readonly values?: number;
}

export interface PredictedPoint {
  readonly x: number;
  readonly y: number;
  readonly likelihood: number;
}

const VALUES = 3;
const BYTES = 4;

/** Frames fetched at a time: about a second of work for a slow line, a few seconds of video. */
export const CHUNK_FRAMES = 512;

export const frameBytes = (shape: BlockShape): number => shape.individuals * shape.keypoints * (shape.values ?? VALUES) * BYTES;

export const chunkOf = (frame: number): number => Math.floor(frame / CHUNK_FRAMES);

/** First and last byte of a chunk, both included, as a Range header wants them. */
export function chunkRange(shape: BlockShape, chunk: number): { first: number; last: number } {
  const stop = Math.min(shape.frames, (chunk + 1) * CHUNK_FRAMES);
  return { first: chunk * CHUNK_FRAMES * frameBytes(shape), last: stop * frameBytes(shape) - 1 };
}

export function readPoint(
  shape: BlockShape,
  chunk: Float32Array,
  frame: number,
  individual: number,
  keypoint: number,
): PredictedPoint | null {
  const at = placeOf(shape, frame, individual, keypoint);
  const [x, y, likelihood] = [chunk[at], chunk[at + 1], chunk[at + 2]];
  if (x === undefined || y === undefined || likelihood === undefined) return null;
  return Number.isFinite(x) && Number.isFinite(y) ? { x, y, likelihood } : null;
}

/** Variance of x and of y, in square pixels, from the second block of an ensemble. */
export function readVariance(shape: BlockShape, chunk: Float32Array, frame: number, individual: number, keypoint: number): { x: number; y: number } | null {
  const at = placeOf(shape, frame, individual, keypoint);
  const [x, y] = [chunk[at], chunk[at + 1]];
  return x !== undefined && y !== undefined && x >= 0 && y >= 0 ? { x, y } : null;
}

function placeOf(shape: BlockShape, frame: number, individual: number, keypoint: number): number {
  const row = frame % CHUNK_FRAMES;
  return ((row * shape.individuals + individual) * shape.keypoints + keypoint) * (shape.values ?? VALUES);
}

/** Float32Array of little-endian bytes on any machine. */
export function decodeBlock(bytes: ArrayBuffer): Float32Array {
  const view = new DataView(bytes);
  const values = new Float32Array(Math.floor(bytes.byteLength / BYTES));
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(i * BYTES, true);
  return values;
}

/** Chunks of one prediction, fetched once, kept within a bound, oldest use dropped first. */
export class PoseStore {
  private readonly chunks = new Map<number, Float32Array>();
  private readonly underWay = new Map<number, Promise<void>>();

  constructor(
    readonly shape: BlockShape,
    private readonly fetchRange: (first: number, last: number) => Promise<ArrayBuffer>,
    private readonly maxChunks = 64,
  ) {}

  /** The chunk's values if they are here. */
  peek(frame: number): Float32Array | null {
    return this.chunks.get(chunkOf(frame)) ?? null;
  }

  /** Fetch the chunk of a frame; resolves when it is here. */
  load(frame: number): Promise<void> {
    const chunk = chunkOf(frame);
    if (chunk < 0 || chunk * CHUNK_FRAMES >= this.shape.frames) return Promise.resolve();
    const here = this.chunks.get(chunk);
    if (here !== undefined) {
      this.chunks.delete(chunk);
      this.chunks.set(chunk, here);
      return Promise.resolve();
    }
    const running = this.underWay.get(chunk);
    if (running !== undefined) return running;
    const request = this.fetchChunk(chunk).finally(() => this.underWay.delete(chunk));
    this.underWay.set(chunk, request);
    return request;
  }

  private async fetchChunk(chunk: number): Promise<void> {
    const { first, last } = chunkRange(this.shape, chunk);
    this.chunks.set(chunk, decodeBlock(await this.fetchRange(first, last)));
    for (const old of this.chunks.keys()) {
      if (this.chunks.size <= this.maxChunks) break;
      this.chunks.delete(old);
    }
  }
}
