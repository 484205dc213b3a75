/** The labels of one frame as a value: points keyed by individual and keypoint, and the edits people make. */

import type { ImagePoint } from "./geometry";

export type PointState = "visible" | "occluded" | "absent";

export interface Point {
  readonly x: number | null;
  readonly y: number | null;
  readonly state: PointState;
  /** The model whose prediction was taken over unchanged. */
  readonly modelId?: string | null;
}

/** `"<individual id>/<keypoint id>"`, as the API keys its points. */
export type PointKey = `${string}/${string}`;

export type Points = ReadonlyMap<PointKey, Point>;

/** What one action changes: the point after it, or null where the point is cleared. */
export type Changes = ReadonlyMap<PointKey, Point | null>;

export const pointKey = (individual: string, keypoint: string): PointKey => `${individual}/${keypoint}`;

export function splitKey(key: PointKey): { individual: string; keypoint: string } {
  const slash = key.indexOf("/");
  return { individual: key.slice(0, slash), keypoint: key.slice(slash + 1) };
}

export const isPlaced = (point: Point | undefined | null): point is Point & { x: number; y: number } =>
  point?.x != null && point.y !== null;

export const samePoint = (a: Point | null | undefined, b: Point | null | undefined): boolean =>
  a?.x === b?.x && a?.y === b?.y && a?.state === b?.state;

export function applyChanges(points: Points, changes: Changes): Points {
  const next = new Map(points);
  for (const [key, point] of changes) {
    if (point === null) next.delete(key);
    else next.set(key, point);
  }
  return next;
}

/** The changes that take `points` back to where they were before `changes`. */
export function inverse(points: Points, changes: Changes): Changes {
  return new Map([...changes.keys()].map((key) => [key, points.get(key) ?? null]));
}

/** Later changes win; the result does in one step what the two did in turn. */
export const mergeChanges = (first: Changes, second: Changes): Changes => new Map([...first, ...second]);

export const place = (key: PointKey, at: ImagePoint, state: PointState = "visible"): Changes =>
  new Map([[key, { x: at.x, y: at.y, state }]]);

export const clear = (key: PointKey): Changes => new Map([[key, null]]);

export const markAbsent = (key: PointKey): Changes => new Map([[key, { x: null, y: null, state: "absent" }]]);

/** Occluded needs a position; a second time it is visible again. */
export function toggleOccluded(points: Points, key: PointKey): Changes {
  const point = points.get(key);
  if (!isPlaced(point)) return new Map();
  return new Map([[key, { ...point, state: point.state === "occluded" ? "visible" : "occluded" }]]);
}

/** The point elsewhere: from there on it is a person's, whatever a model said. */
export const movedTo = (point: Point, x: number, y: number): Point => ({ x, y, state: point.state });

export function nudge(points: Points, key: PointKey, dx: number, dy: number): Changes {
  const point = points.get(key);
  if (!isPlaced(point)) return new Map();
  return new Map([[key, movedTo(point, point.x + dx, point.y + dy)]]);
}

/** The next key after `current`, in the order of `keys` and around its end, that has no label yet. */
export function nextUnlabelled(keys: readonly PointKey[], points: Points, current: PointKey | null): PointKey | null {
  const start = current === null ? -1 : keys.indexOf(current);
  for (let step = 1; step <= keys.length; step++) {
    const key = keys[(start + step + keys.length) % keys.length];
    if (key !== undefined && !points.has(key)) return key;
  }
  return null;
}

export function neighbour(keys: readonly PointKey[], current: PointKey | null, step: 1 | -1): PointKey | null {
  if (keys.length === 0) return null;
  const index = current === null ? (step === 1 ? -1 : 0) : keys.indexOf(current);
  return keys[(index + step + keys.length) % keys.length] ?? null;
}
