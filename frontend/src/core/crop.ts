/** A fixed part of every frame of a video: whole pixels, the part covers x to x + width and y to y + height. */

import { imagePoint, type Box, type ImagePoint, type Size } from "./geometry";

/** As the server refuses smaller ones. */
export const LEAST_SIDE = 32;

/** What of a rectangle is taken hold of: a side or corner by its compass points, all of it, or a fresh one. */
export type Handle = "n" | "s" | "e" | "w" | "nw" | "ne" | "sw" | "se" | "move" | "draw";

const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Where on the grid between pixels a point lies: 0 is the image's left or upper side. */
const onGrid = (value: number, most: number): number => between(Math.round(value + 0.5), 0, most);

/** The rectangle between two corners, inside the frame. */
export function drawn(from: ImagePoint, to: ImagePoint, frame: Size): Box {
  const [x1, x2] = [onGrid(from.x, frame.width), onGrid(to.x, frame.width)];
  const [y1, y2] = [onGrid(from.y, frame.height), onGrid(to.y, frame.height)];
  return { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

/** The rectangle after a handle was dragged; sides stop at the frame and before the rectangle is too small. */
export function dragged(before: Box, handle: Handle, from: ImagePoint, to: ImagePoint, frame: Size): Box {
  if (handle === "draw") return drawn(from, to, frame);
  const [dx, dy] = [Math.round(to.x - from.x), Math.round(to.y - from.y)];
  if (handle === "move") return moved(before, dx, dy, frame);
  const [least, lowest] = [Math.min(LEAST_SIDE, frame.width), Math.min(LEAST_SIDE, frame.height)];
  let [left, right] = [before.x, before.x + before.width];
  let [top, bottom] = [before.y, before.y + before.height];
  if (handle.includes("w")) left = between(left + dx, 0, Math.max(0, right - least));
  if (handle.includes("e")) right = between(right + dx, Math.min(frame.width, left + least), frame.width);
  if (handle.includes("n")) top = between(top + dy, 0, Math.max(0, bottom - lowest));
  if (handle.includes("s")) bottom = between(bottom + dy, Math.min(frame.height, top + lowest), frame.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Moved as a whole, as far as the frame lets it. */
export const moved = (box: Box, dx: number, dy: number, frame: Size): Box => ({
  ...box,
  x: between(box.x + dx, 0, Math.max(0, frame.width - box.width)),
  y: between(box.y + dy, 0, Math.max(0, frame.height - box.height)),
});

/** Where the handles lie, in image coordinates. */
export function handles(box: Box): [Handle, ImagePoint][] {
  const [left, middle, right] = [box.x - 0.5, box.x + (box.width - 1) / 2, box.x + box.width - 0.5];
  const [top, centre, bottom] = [box.y - 0.5, box.y + (box.height - 1) / 2, box.y + box.height - 0.5];
  return [
    ["nw", imagePoint(left, top)], ["ne", imagePoint(right, top)], ["sw", imagePoint(left, bottom)], ["se", imagePoint(right, bottom)],
    ["n", imagePoint(middle, top)], ["s", imagePoint(middle, bottom)], ["w", imagePoint(left, centre)], ["e", imagePoint(right, centre)],
  ];
}

export const inside = (box: Box, { x, y }: ImagePoint): boolean =>
  x >= box.x - 0.5 && x <= box.x + box.width - 0.5 && y >= box.y - 0.5 && y <= box.y + box.height - 0.5;

/** What is wrong with a crop, in a sentence; null where nothing is. */
export function faultOf(crop: Box, frame: Size): string | null {
  const numbers = [crop.x, crop.y, crop.width, crop.height];
  if (!numbers.every((value) => Number.isInteger(value) && value >= 0)) return "Give four whole numbers.";
  const [least, lowest] = [Math.min(LEAST_SIDE, frame.width), Math.min(LEAST_SIDE, frame.height)];
  if (crop.width < least || crop.height < lowest) return `The crop is at least ${least} × ${lowest} pixels.`;
  if (crop.x + crop.width > frame.width || crop.y + crop.height > frame.height) return `The crop leaves the video of ${frame.width} × ${frame.height} pixels.`;
  return null;
}
