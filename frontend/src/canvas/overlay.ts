/** Draws points, edges and names. All text is canvas text: names are never markup. */

import { imagePoint, toScreen, type ScreenPoint, type Viewport } from "../core/geometry";
import type { DrawnSkeleton } from "../core/skeleton";

export interface DrawnPoint {
  readonly x: number;
  readonly y: number;
  /** Predicted points are hollow, occluded ones hollow and crossed; what somebody else put here is dashed. */
  readonly look: "visible" | "occluded" | "predicted" | "theirs";
}

/** One animal: its points in the order of the skeleton's keypoints. */
export type DrawnPose = readonly (DrawnPoint | null)[];

export interface OverlayStyle {
  readonly radius: number;
  readonly names: boolean;
  readonly edges: boolean;
  readonly selected: { pose: number; keypoint: number } | null;
  /** One colour a pose instead of one a keypoint. */
  readonly poseColors?: readonly string[] | undefined;
}

type Placed = readonly (ScreenPoint | null)[];

const OUTLINE = "rgba(10, 14, 20, 0.85)";
const SELECTED = "#ffffff";
const EDGE = "rgba(255, 255, 255, 0.75)";

export function drawPoses(
  context: CanvasRenderingContext2D,
  view: Viewport,
  skeleton: DrawnSkeleton,
  poses: readonly DrawnPose[],
  style: OverlayStyle,
): void {
  poses.forEach((pose, index) => {
    const placed = pose.map((p) => (p === null ? null : toScreen(view, imagePoint(p.x, p.y))));
    if (style.edges) drawEdges(context, skeleton, placed);
    drawPoints(context, (keypoint) => style.poseColors?.[index] ?? skeleton.keypoints[keypoint]?.color ?? SELECTED, pose, placed, style.radius);
    if (style.names) drawNames(context, skeleton, placed, style.radius);
    if (style.selected?.pose === index) drawSelection(context, placed[style.selected.keypoint] ?? null, style.radius);
  });
}

function drawEdges(context: CanvasRenderingContext2D, skeleton: DrawnSkeleton, placed: Placed): void {
  for (const [color, width] of [
    [OUTLINE, 3.5],
    [EDGE, 1.5],
  ] as const) {
    context.beginPath();
    for (const [a, b] of skeleton.edges) {
      const [start, end] = [placed[a], placed[b]];
      if (start == null || end == null) continue;
      context.moveTo(start.x, start.y);
      context.lineTo(end.x, end.y);
    }
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }
}

function drawPoints(
  context: CanvasRenderingContext2D,
  colorOf: (keypoint: number) => string,
  pose: DrawnPose,
  placed: Placed,
  radius: number,
): void {
  pose.forEach((point, index) => {
    const at = placed[index];
    if (point === null || at == null) return;
    const color = colorOf(index);
    context.setLineDash(point.look === "theirs" ? [3, 3] : []);
    circle(context, at, radius);
    context.lineWidth = 4;
    context.strokeStyle = OUTLINE;
    context.stroke();
    context.lineWidth = 2;
    context.strokeStyle = color;
    context.stroke();
    context.setLineDash([]);
    if (point.look === "visible") {
      context.fillStyle = color;
      context.fill();
    }
    if (point.look === "occluded") drawCross(context, at, radius, color);
  });
}

function drawCross(context: CanvasRenderingContext2D, at: ScreenPoint, radius: number, color: string): void {
  const arm = radius * 0.7;
  context.beginPath();
  context.moveTo(at.x - arm, at.y - arm);
  context.lineTo(at.x + arm, at.y + arm);
  context.moveTo(at.x - arm, at.y + arm);
  context.lineTo(at.x + arm, at.y - arm);
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.stroke();
}

function drawNames(context: CanvasRenderingContext2D, skeleton: DrawnSkeleton, placed: Placed, radius: number): void {
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  skeleton.keypoints.forEach((keypoint, index) => {
    const at = placed[index];
    if (at == null) return;
    context.lineWidth = 3;
    context.strokeStyle = OUTLINE;
    context.strokeText(keypoint.name, at.x + radius + 4, at.y);
    context.fillStyle = "#ffffff";
    context.fillText(keypoint.name, at.x + radius + 4, at.y);
  });
}

function drawSelection(context: CanvasRenderingContext2D, at: ScreenPoint | null, radius: number): void {
  if (at === null) return;
  circle(context, at, radius + 5);
  context.lineWidth = 4;
  context.strokeStyle = OUTLINE;
  context.stroke();
  context.lineWidth = 1.5;
  context.strokeStyle = SELECTED;
  context.stroke();
}

function circle(context: CanvasRenderingContext2D, at: ScreenPoint, radius: number): void {
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
}
