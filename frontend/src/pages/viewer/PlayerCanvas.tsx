import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import { attachPointer } from "@/canvas/pointer";
import { Stage } from "@/canvas/stage";
import { VideoClock } from "@/canvas/videoClock";
import type { FrameRate } from "@/core/frameClock";
import type { Size } from "@/core/geometry";

import { drawFrame, type Scene } from "./drawFrame";
import classes from "./viewer.module.css";

/** Chunks are fetched this many frames before they are needed. */
const LOOK_AHEAD = 256;

export interface PlayerHandle {
  toggle(): void;
  step(frames: number): void;
  seek(frame: number): void;
  setSpeed(speed: number): void;
  fit(): void;
}

interface Props extends Scene {
  ref: Ref<PlayerHandle>;
  url: string;
  rate: FrameRate;
  frameCount: number;
  size: Size;
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
  const shown = useRef(-1);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
    player.current?.stage.redraw();
  });

  // A track that is chosen while the video rests must be fetched for the frame that is shown.
  useEffect(() => {
    if (shown.current >= 0) loadAround(latest.current, shown.current, () => player.current?.stage.redraw());
  }, [props.tracks]);

  const { url, rate, frameCount, ref } = props;
  useEffect(() => {
    if (host.current === null) return;
    const stage = new Stage(host.current);
    shown.current = -1;
    const clock = new VideoClock(url, rate, frameCount, {
      frame: (frame, video) => {
        shown.current = frame;
        stage.show(video, latest.current.size);
        stage.drawNow();
        latest.current.onFrame(frame);
        loadAround(latest.current, frame, () => stage.redraw());
      },
      playing: (playing) => latest.current.onPlaying(playing),
      failed: (message) => latest.current.onProblem(message),
    });
    stage.setOverlay((context, view) => drawFrame(context, view, latest.current, shown.current));
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
  const stores = [props.poses, ...props.tracks.map((track) => track.poses), ...(props.variance ? [props.variance] : [])];
  for (const store of stores) {
    const missing = store.peek(frame) === null;
    const load = store.load(frame).then(() => {
      if (missing) {
        redraw();
        props.onPoses();
      }
      return store.load(Math.min(frame + LOOK_AHEAD, props.frameCount - 1));
    });
    load.catch((problem: unknown) => props.onProblem(problem instanceof Error ? problem.message : String(problem)));
  }
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
