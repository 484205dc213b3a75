import { movePose, turnPose } from "../core/pose";
import type { LabelAction } from "./action";

const DIRECTIONS = [
  ["left", "Ctrl+ArrowLeft", -1, 0],
  ["right", "Ctrl+ArrowRight", 1, 0],
  ["up", "Ctrl+ArrowUp", 0, -1],
  ["down", "Ctrl+ArrowDown", 0, 1],
] as const;

const TURN = (2 * Math.PI) / 180;

const TURNS = [
  ["left", "[", -TURN],
  ["right", "]", TURN],
] as const;

const moves = DIRECTIONS.map(([name, key, dx, dy]): LabelAction => ({
  id: `pose.move.${name}`,
  title: `Whole pose ${name} by 1 px`,
  keys: [key],
  run: (c) => c.apply(movePose(c.points, c.individual, dx, dy), "move pose"),
}));

const turns = TURNS.map(([name, key, angle]): LabelAction => ({
  id: `pose.turn.${name}`,
  title: `Turn the pose ${name} by 2 degrees`,
  keys: [key],
  run: (c) => c.apply(turnPose(c.points, c.individual, angle), "turn pose"),
}));

export const moveWholePose: readonly LabelAction[] = [...moves, ...turns];
