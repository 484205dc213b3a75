import { nudge } from "../core/labels";
import type { LabelAction } from "./action";

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const STEPS: Readonly<Record<string, number>> = { "": 1, "Shift+": 5, "Alt+": 0.2 };

export const nudgePoint: LabelAction = {
  id: "point.nudge",
  title: "Move by 1 pixel (Shift: 5, Alt: 0.2)",
  keys: Object.keys(STEPS).flatMap((modifier) => Object.keys(DIRECTIONS).map((arrow) => modifier + arrow)),
  run: (c, stroke) => {
    if (c.selected === null) return;
    const arrow = stroke.slice(stroke.indexOf("Arrow"));
    const step = STEPS[stroke.slice(0, stroke.indexOf("Arrow"))] ?? 1;
    const [dx, dy] = DIRECTIONS[arrow] ?? [0, 0];
    c.apply(nudge(c.points, c.selected, dx * step, dy * step), "move");
  },
};
