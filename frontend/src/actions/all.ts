/** Every action of the label page, in the order of the key sheet. */

import type { LabelAction, LabelContext } from "./action";
import { absent, cleared, occluded } from "./changeState";
import { keypointByNumber, nextEmptyKeypoint, nextKeypoint, previousKeypoint } from "./chooseKeypoint";
import {
  adjustImage,
  fitImage,
  keySheet,
  nextContext,
  previousContext,
  toggleNames,
  toggleOverlay,
  toggleSkeleton,
  zoomToKeypoint,
} from "./look";
import { nudgePoint } from "./nudgePoint";
import { nextFrame, nextTodoFrame, previousFrame, redoEdit, submitFrame, undoEdit } from "./travel";

export const ACTIONS: readonly LabelAction[] = [
  submitFrame,
  nextFrame,
  previousFrame,
  nextTodoFrame,
  nextKeypoint,
  previousKeypoint,
  nextEmptyKeypoint,
  keypointByNumber,
  occluded,
  absent,
  cleared,
  nudgePoint,
  undoEdit,
  redoEdit,
  fitImage,
  zoomToKeypoint,
  previousContext,
  nextContext,
  toggleNames,
  toggleSkeleton,
  toggleOverlay,
  adjustImage,
  keySheet,
];

const BY_STROKE = new Map(ACTIONS.flatMap((action) => action.keys.map((key) => [key, action] as const)));

/** Run the action of a key stroke; false when no action has it. */
export function runStroke(stroke: string, context: LabelContext): boolean {
  const action = BY_STROKE.get(stroke);
  if (action === undefined) return false;
  action.run(context, stroke);
  return true;
}
