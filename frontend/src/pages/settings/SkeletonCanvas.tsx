import { useEffect, useRef } from "react";

import { drawPoses } from "@/canvas/overlay";
import { attachPointer, type PointerTarget } from "@/canvas/pointer";
import { Stage, type Picture } from "@/canvas/stage";
import { distance, imagePoint, toScreen, type ImagePoint, type ScreenPoint, type Size, type Viewport } from "@/core/geometry";
import { drawnSkeleton } from "@/core/skeleton";
import { addKeypointAt, changeKeypoint, freshName, toggleEdge, type SkeletonDraft } from "@/core/skeletonDraft";

import classes from "./SettingsPage.module.css";

const REACH = 14;
const RADIUS = 6;

interface Props {
  picture: Picture | null;
  size: Size;
  draft: SkeletonDraft;
  /** Each keypoint's place in shares of the picture, in the order of the draft. */
  places: readonly { readonly x: number; readonly y: number }[];
  selected: number | null;
  readOnly: boolean;
  onChange: (draft: SkeletonDraft) => void;
  onSelect: (index: number | null) => void;
}

/** Click an empty place: one more keypoint. Drag from one to another: a line. Drag to an empty place: move. */
export function SkeletonCanvas(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const latest = useRef(props);
  const line = useRef<{ from: number; to: ImagePoint } | null>(null);
  useEffect(() => {
    latest.current = props;
    stage.current?.redraw();
  });
  useEffect(() => {
    if (host.current === null) return;
    const made = new Stage(host.current);
    stage.current = made;
    made.setOverlay((context, view) => draw(context, view, latest.current, line.current));
    const detach = attachPointer(host.current, made, target(made, () => latest.current, line));
    return () => {
      detach();
      made.destroy();
      stage.current = null;
    };
  }, []);
  const { picture, size } = props;
  useEffect(() => stage.current?.show(picture, size), [picture, size]);
  return <div ref={host} className={classes.drawing} tabIndex={0} role="application" aria-label="Draw the skeleton" data-testid="skeleton-canvas" />;
}

const onImage = (size: Size, place: { x: number; y: number }): ImagePoint => imagePoint(place.x * size.width - 0.5, place.y * size.height - 0.5);

function near(stage: Stage, { places, size }: Props, at: ScreenPoint, except: number | null = null): number | null {
  const far = places.map((place, index) => (index === except ? Infinity : distance(at, toScreen(stage.view, onImage(size, place)))));
  const least = Math.min(...far);
  return least < REACH ? far.indexOf(least) : null;
}

function target(stage: Stage, now: () => Props, line: React.RefObject<{ from: number; to: ImagePoint } | null>): PointerTarget<number> {
  const share = ({ x, y }: ImagePoint) => ({ x: (x + 0.5) / now().size.width, y: (y + 0.5) / now().size.height });
  const inside = ({ x, y }: { x: number; y: number }) => x >= 0 && x <= 1 && y >= 0 && y <= 1;
  return {
    hit: (at) => near(stage, now(), at),
    press: (index, at) => {
      const { draft, readOnly, onChange, onSelect } = now();
      if (index !== null || readOnly) onSelect(index);
      else if (inside(share(at))) {
        onChange(addKeypointAt(draft, freshName(draft), share(at)));
        onSelect(draft.keypoints.length);
      }
    },
    drag: (from, _start, to) => {
      if (now().readOnly) return;
      line.current = { from, to };
      stage.redraw();
    },
    drop: (from) => {
      const drawn = line.current;
      line.current = null;
      const { draft, onChange } = now();
      const [a, place] = [draft.keypoints[from], drawn === null ? null : share(drawn.to)];
      if (drawn === null || place === null || a === undefined) return;
      const end = near(stage, now(), toScreen(stage.view, drawn.to), from);
      const b = end === null ? undefined : draft.keypoints[end];
      if (b !== undefined) onChange(toggleEdge(draft, [a.name, b.name]));
      else if (inside(place)) onChange(changeKeypoint(draft, from, { place }));
      stage.redraw();
    },
    secondary: () => undefined,
    wheelPans: () => false,
  };
}

function draw(context: CanvasRenderingContext2D, view: Viewport, props: Props, line: { from: number; to: ImagePoint } | null): void {
  const { draft, places, size, selected } = props;
  const keypoints = draft.keypoints.map(({ name, color }, index) => ({ id: String(index), name, color }));
  const pose = places.map((place) => ({ ...onImage(size, place), look: "visible" as const }));
  const chosen = selected === null ? null : { pose: 0, keypoint: selected };
  drawPoses(context, view, drawnSkeleton(keypoints, draft.edges), [pose], { radius: RADIUS, names: draft.keypoints.length <= 45, edges: true, selected: chosen });
  const start = line === null ? undefined : places[line.from];
  if (line === null || start === undefined) return;
  const [a, b] = [toScreen(view, onImage(size, start)), toScreen(view, line.to)];
  context.beginPath();
  context.moveTo(a.x, a.y);
  context.lineTo(b.x, b.y);
  context.setLineDash([5, 4]);
  context.lineWidth = 2;
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.setLineDash([]);
}
