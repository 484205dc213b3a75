import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import { drawPoses, type DrawnPoint } from "@/canvas/overlay";
import { attachPointer } from "@/canvas/pointer";
import { Stage } from "@/canvas/stage";
import { VideoClock } from "@/canvas/videoClock";
import type { FrameRate } from "@/core/frameClock";
import type { Size } from "@/core/geometry";
import { readPoint, type PoseStore } from "@/core/poses";
import type { DrawnSkeleton } from "@/core/skeleton";

import classes from "./viewer.module.css";

const POINT_RADIUS = 4.5;
/** Chunks are fetched this many frames before they are needed. */
const LOOK_AHEAD = 256;

export interface PlayerHandle {
  toggle(): void;
  step(frames: number): void;
  seek(frame: number): void;
  setSpeed(speed: number): void;
  fit(): void;
}

interface Props {
  ref: Ref<PlayerHandle>;
  url: string;
  rate: FrameRate;
  frameCount: number;
  size: Size;
  skeleton: DrawnSkeleton;
  poses: PoseStore;
  threshold: number;
  show: { names: boolean; edges: boolean; points: boolean };
  firstFrame: number;
  onFrame: (frame: number) => void;
  /** Poses of the shown frame have arrived. */
  onPoses: () => void;
  onPlaying: (playing: boolean) => void;
  onProblem: (message: string) => void;
}

export function PlayerCanvas(props: Props) {
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
    let shown = -1;
    const clock = new VideoClock(url, rate, frameCount, {
      frame: (frame, video) => {
        shown = frame;
        stage.show(video, latest.current.size);
        stage.drawNow();
        latest.current.onFrame(frame);
        loadAround(latest.current, frame, () => stage.redraw());
      },
      playing: (playing) => latest.current.onPlaying(playing),
      failed: (message) => latest.current.onProblem(message),
    });
    stage.setOverlay((context, view) => drawFrame(context, view, latest.current, shown));
    clock.seek(latest.current.firstFrame);
    player.current = { stage, clock };
    const detach = attachPointer(host.current, stage, panOnly(clock));
    return () => {
      detach();
      clock.destroy();
      stage.destroy();
      player.current = null;
    };
  }, [url, rate, frameCount]);

  useImperativeHandle(ref, () => ({
    toggle: () => void player.current?.clock.toggle().catch((problem: unknown) => latest.current.onProblem(String(problem))),
    step: (frames) => player.current?.clock.step(frames),
    seek: (frame) => player.current?.clock.seek(frame),
    setSpeed: (speed) => player.current?.clock.setSpeed(speed),
    fit: () => player.current?.stage.fit(),
  }));

  return <div ref={host} className={classes.canvas} tabIndex={0} role="application" aria-label="Video with predicted points" data-testid="viewer-canvas" />;
}

function loadAround(props: Props, frame: number, redraw: () => void): void {
  const missing = props.poses.peek(frame) === null;
  const load = props.poses.load(frame).then(() => {
    if (missing) {
      redraw();
      props.onPoses();
    }
    return props.poses.load(Math.min(frame + LOOK_AHEAD, props.frameCount - 1));
  });
  load.catch((problem: unknown) => props.onProblem(problem instanceof Error ? problem.message : String(problem)));
}

function drawFrame(context: CanvasRenderingContext2D, view: Stage["view"], props: Props, frame: number): void {
  const { poses, skeleton, threshold, show } = props;
  const chunk = frame < 0 ? null : poses.peek(frame);
  if (chunk === null || !show.points) return;
  const drawn = Array.from({ length: poses.shape.individuals }, (_, individual) =>
    skeleton.keypoints.map((_keypoint, keypoint): DrawnPoint | null => {
      const point = readPoint(poses.shape, chunk, frame, individual, keypoint);
      return point === null || point.likelihood < threshold ? null : { x: point.x, y: point.y, look: "visible" };
    }),
  );
  drawPoses(context, view, skeleton, drawn, { radius: POINT_RADIUS, names: show.names, edges: show.edges, selected: null });
}

/** In the viewer a drag moves the picture; a click plays or pauses. */
function panOnly(clock: VideoClock) {
  return {
    hit: () => null,
    press: () => void clock.toggle(),
    drag: () => undefined,
    drop: () => undefined,
    secondary: () => undefined,
    wheelPans: () => false,
  };
}
