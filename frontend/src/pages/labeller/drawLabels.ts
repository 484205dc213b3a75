/** What is drawn over the image: labels, predictions, and what somebody else put where there is a conflict or a second rater. */

import { drawCropOutline } from "@/canvas/cropOutline";
import { drawPoses, type DrawnPoint, type DrawnPose } from "@/canvas/overlay";
import type { Viewport } from "@/core/geometry";
import { isPlaced, pointKey, splitKey, type PointKey } from "@/core/labels";

import type { CanvasProps } from "./LabelCanvas";

type Drawn = Pick<CanvasProps, "session" | "skeleton" | "individuals" | "individualColors" | "predicted" | "second" | "look" | "overlay" | "crop">;

export function drawLabels(context: CanvasRenderingContext2D, view: Viewport, props: Drawn): void {
  const { session, skeleton, individuals, look } = props;
  if (!props.overlay) return;
  if (props.crop !== null) drawCropOutline(context, view, props.crop);
  const { selected, conflicts } = session.current();
  const points = session.drawn();
  const style = {
    radius: look.size,
    names: look.names,
    edges: look.edges,
    selected: selected === null ? null : placeOf(props, selected),
    poseColors: look.color === "animal" ? props.individualColors : undefined,
  };
  const pose = (look: (key: PointKey) => DrawnPoint | null) =>
    individuals.map((individual): DrawnPose => skeleton.keypoints.map((keypoint) => look(pointKey(individual, keypoint.id))));
  const own = pose((key) => {
    const point = points.get(key);
    if (isPlaced(point)) return { x: point.x, y: point.y, look: point.state === "occluded" ? "occluded" : "visible" };
    const guess = point === undefined ? props.predicted.points.get(key) : undefined;
    return guess === undefined ? null : { x: guess.x, y: guess.y, look: "predicted" };
  });
  drawPoses(context, view, skeleton, own, style);
  const others = conflicts.size > 0 ? conflicts : props.second;
  if (others === null) return;
  const theirs = pose((key) => {
    const point = others.get(key);
    return isPlaced(point) ? { x: point.x, y: point.y, look: "theirs" } : null;
  });
  drawPoses(context, view, skeleton, theirs, { ...style, names: true, edges: false, selected: null });
}

function placeOf({ skeleton, individuals }: Drawn, key: PointKey) {
  const { individual, keypoint } = splitKey(key);
  return { pose: individuals.indexOf(individual), keypoint: skeleton.keypoints.findIndex((k) => k.id === keypoint) };
}
