import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import { drawPoses, type DrawnPoint, type DrawnPose } from "@/canvas/overlay";
import { attachPointer } from "@/canvas/pointer";
import { Stage, type Adjustment } from "@/canvas/stage";
import { centreOn, clampToImage, distance, imagePoint, toScreen, type ImagePoint, type ScreenPoint, type Size } from "@/core/geometry";
import { isPlaced, movePose, pointKey, splitKey, type Changes, type PointKey, type Points } from "@/core/labels";
import type { DrawnSkeleton } from "@/core/skeleton";

import classes from "./labeller.module.css";

const HIT_RADIUS = 11;
const POINT_RADIUS = 5;
const KEYPOINT_ZOOM = 6;

export interface CanvasHandle {
  fit(): void;
  zoomTo(point: ImagePoint): void;
}

interface Props {
  ref: Ref<CanvasHandle>;
  image: HTMLImageElement | null;
  size: Size;
  skeleton: DrawnSkeleton;
  individuals: readonly string[];
  points: Points;
  selected: PointKey | null;
  show: { names: boolean; edges: boolean; overlay: boolean };
  adjustment: Adjustment;
  readOnly: boolean;
  /** The points a drag starts from. */
  base: () => Points;
  onPlace: (at: ImagePoint) => void;
  onSelect: (key: PointKey) => void;
  onDrag: (changes: Changes) => void;
  onDrop: () => void;
  onAbsent: (key: PointKey) => void;
}

export function LabelCanvas(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (host.current === null) return;
    const made = new Stage(host.current);
    stage.current = made;
    const detach = attachPointer(host.current, made, pointerTarget(made, () => latest.current));
    return () => {
      detach();
      made.destroy();
      stage.current = null;
    };
  }, []);

  const { image, size, skeleton, individuals, points, selected, show, adjustment, ref } = props;
  useEffect(() => stage.current?.show(image, size), [image, size]);
  useEffect(() => stage.current?.setAdjustment(adjustment), [adjustment]);
  useEffect(() => {
    const poses = individuals.map((individual) => poseOf(skeleton, individual, points));
    const style = { radius: POINT_RADIUS, names: show.names, edges: show.edges, selected: place(skeleton, individuals, selected) };
    stage.current?.setOverlay((context, view) => {
      if (show.overlay) drawPoses(context, view, skeleton, poses, style);
    });
  }, [skeleton, individuals, points, selected, show]);

  useImperativeHandle(ref, () => ({
    fit: () => stage.current?.fit(),
    zoomTo: (point) => {
      const s = stage.current;
      if (s !== null) s.setView(centreOn(s.view, s.screenSize, point, KEYPOINT_ZOOM));
    },
  }));

  return <div ref={host} className={classes.canvas} tabIndex={0} role="application" aria-label="Image to label" data-testid="label-canvas" />;
}

function pointerTarget(stage: Stage, now: () => Props) {
  return {
    hit: (at: ScreenPoint): PointKey | null => nearest(stage, now().points, at, now().selected),
    press: (key: PointKey | null, at: ImagePoint) => {
      const props = now();
      if (key !== null) props.onSelect(key);
      else if (!props.readOnly && inside(at, props.size)) props.onPlace(at);
    },
    drag: (key: PointKey, dx: number, dy: number, event: PointerEvent) => {
      const props = now();
      if (props.readOnly) return;
      if (key !== props.selected) props.onSelect(key);
      props.onDrag(event.shiftKey ? movePose(props.base(), splitKey(key).individual, dx, dy) : movedPoint(props, key, dx, dy));
    },
    drop: () => now().onDrop(),
    secondary: (key: PointKey | null) => {
      const target = key ?? now().selected;
      if (!now().readOnly && target !== null) now().onAbsent(target);
    },
    hover: () => undefined,
  };
}

function movedPoint(props: Props, key: PointKey, dx: number, dy: number): Changes {
  const point = props.base().get(key);
  if (!isPlaced(point)) return new Map();
  const { x, y } = clampToImage(imagePoint(point.x + dx, point.y + dy), props.size);
  return new Map([[key, { ...point, x, y }]]);
}

const inside = (p: ImagePoint, size: Size): boolean => p.x >= -0.5 && p.y >= -0.5 && p.x <= size.width - 0.5 && p.y <= size.height - 0.5;

function nearest(stage: Stage, points: Points, at: ScreenPoint, selected: PointKey | null): PointKey | null {
  let best: PointKey | null = null;
  let reach = HIT_RADIUS;
  for (const [key, point] of points) {
    if (!isPlaced(point)) continue;
    // The chosen keypoint wins a tie, so that a point under another one can be dragged out.
    const away = distance(at, toScreen(stage.view, imagePoint(point.x, point.y))) - (key === selected ? 3 : 0);
    if (away < reach) {
      best = key;
      reach = away;
    }
  }
  return best;
}

function poseOf(skeleton: DrawnSkeleton, individual: string, points: Points): DrawnPose {
  return skeleton.keypoints.map((keypoint): DrawnPoint | null => {
    const point = points.get(pointKey(individual, keypoint.id));
    return isPlaced(point) ? { x: point.x, y: point.y, look: point.state === "occluded" ? "occluded" : "visible" } : null;
  });
}

function place(skeleton: DrawnSkeleton, individuals: readonly string[], key: PointKey | null) {
  if (key === null) return null;
  const { individual, keypoint } = splitKey(key);
  return { pose: individuals.indexOf(individual), keypoint: skeleton.keypoints.findIndex((k) => k.id === keypoint) };
}
