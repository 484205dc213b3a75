/** Draws what lies beside the main pose: other tracks, thin, and how uncertain each point is. */

import { imagePoint, toScreen, type Viewport } from "../core/geometry";
import type { DrawnSkeleton } from "../core/skeleton";

interface Place {
  readonly x: number;
  readonly y: number;
}

/** One animal: its points in the order of the skeleton's keypoints. */
export type ThinPose = readonly (Place | null)[];

const POINT_RADIUS = 2.5;

export function drawThin(context: CanvasRenderingContext2D, view: Viewport, skeleton: DrawnSkeleton, pose: ThinPose, color: string, edges: boolean): void {
  const placed = pose.map((p) => (p === null ? null : toScreen(view, imagePoint(p.x, p.y))));
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  for (const [a, b] of edges ? skeleton.edges : []) {
    const [start, end] = [placed[a], placed[b]];
    if (start == null || end == null) continue;
    context.moveTo(start.x, start.y);
    context.lineTo(end.x, end.y);
  }
  context.stroke();
  for (const at of placed) {
    if (at === null) continue;
    context.beginPath();
    context.arc(at.x, at.y, POINT_RADIUS, 0, 2 * Math.PI);
    context.fill();
  }
}

export interface Uncertain extends Place {
  /** Half axes in image pixels. */
  readonly halfX: number;
  readonly halfY: number;
  readonly color: string;
}

/** An ellipse around each point, in which it lies with the certainty its axes were made for. */
export function drawUncertainty(context: CanvasRenderingContext2D, view: Viewport, points: readonly Uncertain[]): void {
  for (const point of points) {
    const at = toScreen(view, imagePoint(point.x, point.y));
    context.beginPath();
    context.ellipse(at.x, at.y, point.halfX * view.zoom, point.halfY * view.zoom, 0, 0, 2 * Math.PI);
    context.globalAlpha = 0.28;
    context.fillStyle = point.color;
    context.fill();
    context.globalAlpha = 0.9;
    context.lineWidth = 1;
    context.strokeStyle = point.color;
    context.stroke();
    context.globalAlpha = 1;
  }
}
