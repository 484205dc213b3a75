import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import { drawCropTool } from "@/canvas/cropOutline";
import { attachPointer, type PointerTarget } from "@/canvas/pointer";
import { Stage } from "@/canvas/stage";
import { VideoClock } from "@/canvas/videoClock";
import { dragged, type Handle, handles, inside, moved } from "@/core/crop";
import type { FrameRate } from "@/core/frameClock";
import { distance, screenPoint, toImage, toScreen, type Box, type ImagePoint, type ScreenPoint, type Size } from "@/core/geometry";

import classes from "./crop.module.css";

const REACH = 10;
const FAST = 10;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CURSORS: Readonly<Record<Handle, string>> = {
  n: "ns-resize", s: "ns-resize", e: "ew-resize", w: "ew-resize", nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize",
  move: "move", draw: "crosshair",
};

export interface CropCanvasHandle {
  seek(frame: number): void;
}

interface Props {
  ref: Ref<CropCanvasHandle>;
  url: string;
  rate: FrameRate;
  frameCount: number;
  size: Size;
  crop: Box | null;
  onChange: (crop: Box) => void;
  onProblem: (message: string) => void;
}

/** Drag on the picture: a fresh rectangle. Drag its handles or its inside, or press arrow keys: change it. */
export function CropCanvas(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const player = useRef<{ stage: Stage; clock: VideoClock } | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
    player.current?.stage.redraw();
  });
  const { url, rate, frameCount, ref } = props;
  useEffect(() => {
    if (host.current === null) return;
    const stage = new Stage(host.current);
    const clock = new VideoClock(url, rate, frameCount, {
      frame: (_frame, video) => {
        stage.show(video, latest.current.size);
        stage.drawNow();
      },
      playing: () => undefined,
      failed: (message) => latest.current.onProblem(message),
    });
    stage.show(null, latest.current.size);
    stage.setOverlay((context, view, screen) => {
      if (latest.current.crop !== null) drawCropTool(context, view, latest.current.crop, screen);
    });
    player.current = { stage, clock };
    const detach = attachPointer(host.current, stage, target(stage, () => latest.current));
    return () => {
      detach();
      clock.destroy();
      stage.destroy();
      player.current = null;
    };
  }, [url, rate, frameCount]);
  useImperativeHandle(ref, () => ({ seek: (frame) => player.current?.clock.seek(frame) }));
  const showCursor = (event: React.PointerEvent<HTMLDivElement>) => {
    const { stage } = player.current ?? {};
    if (stage === undefined || event.buttons !== 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    event.currentTarget.style.cursor = CURSORS[under(stage, props.crop, screenPoint(event.clientX - box.left, event.clientY - box.top))];
  };
  const nudge = (event: React.KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (arrow === undefined || props.crop === null) return;
    event.preventDefault();
    const step = event.shiftKey ? FAST : 1;
    props.onChange(moved(props.crop, arrow[0] * step, arrow[1] * step, props.size));
  };
  return (
    <div
      ref={host}
      className={classes.canvas}
      tabIndex={0}
      role="application"
      aria-label="Frame with the crop: drag to draw, arrow keys move it"
      data-testid="crop-canvas"
      onPointerMove={showCursor}
      onKeyDown={nudge}
    />
  );
}

function under(stage: Stage, crop: Box | null, at: ScreenPoint): Handle {
  if (crop === null) return "draw";
  const near = handles(crop).find(([, place]) => distance(at, toScreen(stage.view, place)) < REACH);
  if (near !== undefined) return near[0];
  return inside(crop, toImage(stage.view, at)) ? "move" : "draw";
}

function target(stage: Stage, now: () => Props): PointerTarget<Handle> {
  let before: Box | null = null;
  const drag = (handle: Handle, from: ImagePoint, to: ImagePoint) => {
    const { crop, size, onChange } = now();
    before ??= crop;
    onChange(dragged(before ?? { x: 0, y: 0, ...size }, handle, from, to, size));
  };
  return {
    hit: (at) => under(stage, now().crop, at),
    press: () => undefined,
    drag,
    drop: () => {
      before = null;
    },
    secondary: () => undefined,
    wheelPans: () => false,
  };
}
