/** What pressing and dragging on the image does to labels. */

import type { PointerTarget } from "@/canvas/pointer";
import type { Stage } from "@/canvas/stage";
import { clampToImage, distance, imagePoint, toScreen, type ImagePoint, type ScreenPoint, type Size } from "@/core/geometry";
import { applyChanges, isPlaced, movedTo, splitKey, type Changes, type PointKey, type Points } from "@/core/labels";
import { centreOf, movePose, turnBetween, turnPose } from "@/core/pose";
import { confirmed } from "@/core/prelabels";

import type { CanvasProps } from "./LabelCanvas";

const MOUSE_RADIUS = 11;
const FINGER_RADIUS = 24;
const COARSE = "(pointer: coarse)";

export function labelPointer(stage: Stage, now: () => CanvasProps): PointerTarget<PointKey> {
  return {
    hit: (at) => (now().overlay ? nearest(stage, now(), at) : null),
    press: (key, at) => {
      const props = now();
      if (key !== null) {
        props.onSelect(key);
        if (!props.readOnly) props.onConfirm(key);
      } else if (!props.readOnly && inside(at, props.size)) props.onPlace(at);
    },
    drag: (key, from, to, event) => {
      const props = now();
      if (props.readOnly) return;
      props.onSelect(key);
      props.session.setPreview(dragged(props, key, from, to, event));
    },
    drop: () => now().session.commitPreview("move"),
    secondary: (key) => {
      const target = key ?? now().session.current().selected;
      if (!now().readOnly && target !== null) now().onAbsent(target);
    },
    wheelPans: () => now().look.wheel === "pan",
  };
}

/** Labels and, where there are none, predictions: what is seen can be taken hold of. */
const visible = (props: CanvasProps): Points => {
  const { points } = props.session.current();
  return props.predicted.points.size === 0 ? points : applyChanges(points, confirmed(props.predicted, points, 0));
};

/** Shift moves the whole pose, Ctrl turns it, both turn and scale it. */
function dragged(props: CanvasProps, key: PointKey, from: ImagePoint, to: ImagePoint, event: PointerEvent): Changes {
  const points = visible(props);
  const { individual } = splitKey(key);
  const centre = event.ctrlKey || event.metaKey ? centreOf(points, individual) : null;
  if (centre !== null) {
    const { angle, scale } = turnBetween(centre, from, to);
    return turnPose(points, individual, angle, event.shiftKey ? scale : 1);
  }
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (event.shiftKey) return movePose(points, individual, dx, dy);
  const point = points.get(key);
  if (!isPlaced(point)) return new Map();
  const { x, y } = clampToImage(imagePoint(point.x + dx, point.y + dy), props.size);
  return new Map([[key, movedTo(point, x, y)]]);
}

const inside = (p: ImagePoint, size: Size): boolean => p.x >= -0.5 && p.y >= -0.5 && p.x <= size.width - 0.5 && p.y <= size.height - 0.5;

/** The chosen keypoint wins a near tie, so that a point under another one can be dragged out. */
const CHOSEN_BONUS = 3;

function nearest(stage: Stage, props: CanvasProps, at: ScreenPoint): PointKey | null {
  const { selected } = props.session.current();
  let best: PointKey | null = null;
  let reach = matchMedia(COARSE).matches ? FINGER_RADIUS : MOUSE_RADIUS;
  for (const [key, point] of visible(props)) {
    if (!isPlaced(point)) continue;
    const away = distance(at, toScreen(stage.view, imagePoint(point.x, point.y))) - (key === selected ? CHOSEN_BONUS : 0);
    if (away < reach) {
      best = key;
      reach = away;
    }
  }
  return best;
}
