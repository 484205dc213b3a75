/** What the viewer draws over one frame: other tracks thin, how uncertain each point is, and the pose itself. */

import { drawCropOutline } from "@/canvas/cropOutline";
import { drawHeatmap, type Heatmap } from "@/canvas/heatmap";
import { drawPoses, type DrawnPoint } from "@/canvas/overlay";
import { drawThin, drawUncertainty, type Uncertain } from "@/canvas/tracks";
import type { Box, Viewport } from "@/core/geometry";
import { readPoint, readVariance, type PoseStore } from "@/core/poses";
import type { DrawnSkeleton } from "@/core/skeleton";
import { SIDE_OF_90 } from "@/core/trace";

import type { Track } from "./tracks";

export interface Scene {
  skeleton: DrawnSkeleton;
  poses: PoseStore;
  /** Of an ensemble: how uncertain its points are. */
  variance: PoseStore | null;
  tracks: readonly Track[];
  /** The part of the frame that networks see; null is all of it. */
  crop: Box | null;
  heatmap: Heatmap | null;
  threshold: number;
  show: { names: boolean; edges: boolean; points: boolean };
}

const POINT_RADIUS = 4.5;

export function drawFrame(context: CanvasRenderingContext2D, view: Viewport, scene: Scene, frame: number): void {
  const { poses, skeleton, threshold, show } = scene;
  if (scene.crop !== null) drawCropOutline(context, view, scene.crop);
  if (scene.heatmap?.frame === frame) drawHeatmap(context, view, scene.heatmap);
  if (frame < 0 || !show.points) return;
  for (const track of scene.tracks) drawTrack(context, view, scene, track, frame);
  const chunk = poses.peek(frame);
  if (chunk === null) return;
  const drawn = Array.from({ length: poses.shape.individuals }, (_, individual) =>
    skeleton.keypoints.map((_keypoint, keypoint): DrawnPoint | null => {
      const point = readPoint(poses.shape, chunk, frame, individual, keypoint);
      return point === null || point.likelihood < threshold ? null : { x: point.x, y: point.y, look: "visible" };
    }),
  );
  if (scene.variance !== null) drawUncertainty(context, view, drawn.flatMap((pose, individual) => uncertain(scene, pose, individual, frame)));
  drawPoses(context, view, skeleton, drawn, { radius: POINT_RADIUS, names: show.names, edges: show.edges, selected: null });
}

function drawTrack(context: CanvasRenderingContext2D, view: Viewport, scene: Scene, track: Track, frame: number): void {
  const { shape } = track.poses;
  const chunk = track.poses.peek(frame);
  if (chunk === null) return;
  for (let individual = 0; individual < shape.individuals; individual++) {
    const pose = track.places.map((place) => {
      const point = place < 0 ? null : readPoint(shape, chunk, frame, individual, place);
      return point === null || point.likelihood < scene.threshold ? null : point;
    });
    drawThin(context, view, scene.skeleton, pose, track.color, scene.show.edges);
  }
}

function uncertain(scene: Scene, pose: readonly (DrawnPoint | null)[], individual: number, frame: number): Uncertain[] {
  const chunk = scene.variance?.peek(frame) ?? null;
  if (scene.variance === null || chunk === null) return [];
  const { shape } = scene.variance;
  return pose.flatMap((point, keypoint) => {
    const read = point === null ? null : readVariance(shape, chunk, frame, individual, keypoint);
    if (point === null || read === null) return [];
    const color = scene.skeleton.keypoints[keypoint]?.color ?? "#ffffff";
    return [{ x: point.x, y: point.y, halfX: SIDE_OF_90 * Math.sqrt(read.x), halfY: SIDE_OF_90 * Math.sqrt(read.y), color }];
  });
}
