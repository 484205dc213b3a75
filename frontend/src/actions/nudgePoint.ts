import { nudge } from "../core/labels";
import type { LabelAction } from "./action";

const DIRECTIONS = [
  ["left", "ArrowLeft", -1, 0],
  ["right", "ArrowRight", 1, 0],
  ["up", "ArrowUp", 0, -1],
  ["down", "ArrowDown", 0, 1],
] as const;

const STEPS = [
  ["", 1],
  ["Shift+", 5],
  ["Alt+", 0.2],
] as const;

export const nudgePoint: readonly LabelAction[] = STEPS.flatMap(([modifier, step]) =>
  DIRECTIONS.map(([name, arrow, dx, dy]) => ({
    id: `point.nudge.${name}.${step}`,
    title: `Keypoint ${name} by ${step} px`,
    keys: [modifier + arrow],
    run: (c) => {
      if (c.selected !== null) c.apply(nudge(c.points, c.selected, dx * step, dy * step), "move");
    },
  })),
);
