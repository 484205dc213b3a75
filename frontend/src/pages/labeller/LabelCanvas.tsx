import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import { attachPointer } from "@/canvas/pointer";
import { Stage } from "@/canvas/stage";
import { boxOf, centreOn, imagePoint, screenPoint, toImage, type Box, type ImagePoint, type Size } from "@/core/geometry";
import { isPlaced, type PointKey, type Points } from "@/core/labels";
import type { LabelSession } from "@/core/labelSession";
import type { Look } from "@/core/look";
import type { Prelabels } from "@/core/prelabels";
import type { DrawnSkeleton } from "@/core/skeleton";

import { drawLabels } from "./drawLabels";
import classes from "./labeller.module.css";
import { labelPointer } from "./labelPointer";

const KEYPOINT_ZOOM = 6;

export interface CanvasHandle {
  fit(): void;
  zoomTo(point: ImagePoint): void;
  zoomBy(factor: number): void;
  panBy(dx: number, dy: number): void;
  middle(): ImagePoint;
}

export interface CanvasProps {
  ref: Ref<CanvasHandle>;
  session: LabelSession;
  frameId: string | null;
  picture: ImageBitmap | null;
  size: Size;
  /** The part of the frame that networks see; null is all of it. */
  crop: Box | null;
  skeleton: DrawnSkeleton;
  individuals: readonly string[];
  individualColors: readonly string[];
  predicted: Prelabels;
  /** What a second person said, to compare with; null while nobody asks. */
  second: Points | null;
  look: Look;
  overlay: boolean;
  readOnly: boolean;
  onPlace: (at: ImagePoint) => void;
  onSelect: (key: PointKey) => void;
  onConfirm: (key: PointKey) => void;
  onAbsent: (key: PointKey) => void;
}

/** Points are drawn straight from the session: a drag redraws the canvas and renders nothing. */
export function LabelCanvas(props: CanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const latest = useRef(props);
  const { session, frameId, picture, size, look, ref } = props;
  useEffect(() => {
    latest.current = props;
    stage.current?.redraw();
  });

  useEffect(() => {
    if (host.current === null) return;
    const made = new Stage(host.current);
    stage.current = made;
    made.setOverlay((context, view) => drawLabels(context, view, latest.current));
    const detach = attachPointer(host.current, made, labelPointer(made, () => latest.current));
    const stopDrawing = session.onDraw(() => made.redraw());
    return () => {
      stopDrawing();
      detach();
      made.destroy();
      stage.current = null;
    };
  }, [session]);

  useEffect(() => stage.current?.show(picture, size), [picture, size]);
  const { brightness, contrast } = look;
  useEffect(() => stage.current?.setAdjustment({ brightness, contrast }), [brightness, contrast]);
  useFrameView(stage, latest, frameId, size, look.zoom);

  useImperativeHandle(ref, () => ({
    fit: () => stage.current?.fit(),
    zoomTo: (point) => {
      const s = stage.current;
      if (s !== null) s.setView(centreOn(s.view, s.screenSize, point, KEYPOINT_ZOOM));
    },
    zoomBy: (factor) => {
      const s = stage.current;
      if (s !== null) s.zoomAt(screenPoint(s.screenSize.width / 2, s.screenSize.height / 2), factor);
    },
    panBy: (dx, dy) => stage.current?.pan(dx, dy),
    middle: () => middleOf(stage.current),
  }));

  return <div ref={host} className={classes.canvas} tabIndex={0} role="application" aria-label="Image to label" data-canvas data-testid="label-canvas" />;
}

function middleOf(stage: Stage | null): ImagePoint {
  if (stage === null) return imagePoint(0, 0);
  const { width, height } = stage.screenSize;
  return toImage(stage.view, screenPoint(width / 2, height / 2));
}

/** What a frame shows when it is opened. */
function useFrameView(
  stage: React.RefObject<Stage | null>,
  latest: React.RefObject<CanvasProps>,
  frameId: string | null,
  size: Size,
  zoom: Look["zoom"],
): void {
  useEffect(() => {
    const { session, predicted } = latest.current;
    if (stage.current === null || frameId === null || zoom === "stay") return;
    const placed = [...(session.pointsOf(frameId)?.values() ?? [])].filter(isPlaced);
    const box = zoom === "animal" ? boxOf(placed.length > 0 ? placed : [...predicted.points.values()]) : null;
    if (box === null) stage.current.fit();
    else stage.current.showBox(box);
  }, [stage, latest, frameId, size, zoom]);
}
