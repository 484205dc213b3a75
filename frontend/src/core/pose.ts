/** Whole poses: moved, turned, scaled, copied from another frame. */

import { imagePoint, type ImagePoint } from "./geometry";
import { isPlaced, movedTo, samePoint, splitKey, type Changes, type Point, type PointKey, type Points } from "./labels";

type Placed = Point & { readonly x: number; readonly y: number };

const placedOf = (points: Points, individual: string): [PointKey, Placed][] =>
  [...points].flatMap(([key, point]) => (splitKey(key).individual === individual && isPlaced(point) ? [[key, point]] : []));

export function centreOf(points: Points, individual: string): ImagePoint | null {
  const placed = placedOf(points, individual).map(([, point]) => point);
  if (placed.length === 0) return null;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return imagePoint(mean(placed.map((p) => p.x)), mean(placed.map((p) => p.y)));
}

/** Every placed point of the individual moved together. */
export const movePose = (points: Points, individual: string, dx: number, dy: number): Changes =>
  new Map(placedOf(points, individual).map(([key, p]) => [key, movedTo(p, p.x + dx, p.y + dy)]));

/** The pose turned by `angle` (radians, clockwise on the screen) and scaled about its middle. */
export function turnPose(points: Points, individual: string, angle: number, scale = 1): Changes {
  const centre = centreOf(points, individual);
  if (centre === null) return new Map();
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  return new Map(
    placedOf(points, individual).map(([key, p]) => {
      const [x, y] = [p.x - centre.x, p.y - centre.y];
      return [key, movedTo(p, centre.x + cos * x - sin * y, centre.y + sin * x + cos * y)];
    }),
  );
}

/** The turn and the scale that take `from` to `to` about the middle of the pose. */
export function turnBetween(centre: ImagePoint, from: ImagePoint, to: ImagePoint): { angle: number; scale: number } {
  const [a, b] = [{ x: from.x - centre.x, y: from.y - centre.y }, { x: to.x - centre.x, y: to.y - centre.y }];
  const [lengthA, lengthB] = [Math.hypot(a.x, a.y), Math.hypot(b.x, b.y)];
  return { angle: Math.atan2(b.y, b.x) - Math.atan2(a.y, a.x), scale: lengthA < 1 ? 1 : Math.max(0.05, lengthB / lengthA) };
}

/** What of another frame's pose is missing here, in the same places; labels that are here stay. */
export function copyPose(from: Points, to: Points, individual: string): Changes {
  const missing = [...from].filter(([key]) => splitKey(key).individual === individual && !to.has(key));
  return new Map(missing.map(([key, p]) => [key, { x: p.x, y: p.y, state: p.state }]));
}

/** What brings back earlier labels, of the keys in `known`. */
export function restoring(now: Points, then: Points): Changes {
  const gone = [...now.keys()].filter((key) => !then.has(key));
  const back = [...then].filter(([key, point]) => !samePoint(now.get(key), point));
  return new Map<PointKey, Point | null>([...gone.map((key) => [key, null] as const), ...back]);
}
