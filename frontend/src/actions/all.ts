/** Every action of the label page, in the order of the key sheet. */

import type { LabelAction } from "./action";
import { absent, cleared, occluded } from "./changeState";
import { nextAnimal, previousAnimal } from "./chooseAnimal";
import { keypointByNumber, nextEmptyKeypoint, nextKeypoint, previousEmptyKeypoint, previousKeypoint } from "./chooseKeypoint";
import { confirmAll, resetAll, resetOne } from "./confirmPredicted";
import { copyPose } from "./copyPose";
import * as look from "./look";
import { moveWholePose } from "./movePose";
import { nudgePoint } from "./nudgePoint";
import { placeInMiddle } from "./placeInMiddle";
import { acceptFrame, compareRaters, returnFrame } from "./review";
import { nextFrame, nextTodoFrame, previousFrame, redoEdit, skipFrame, submitFrame, undoEdit } from "./travel";

export interface ActionGroup {
  readonly title: string;
  readonly actions: readonly LabelAction[];
}

export const GROUPS: readonly ActionGroup[] = [
  { title: "Frames", actions: [submitFrame, nextFrame, previousFrame, nextTodoFrame, skipFrame, undoEdit, redoEdit, look.frameHistory, look.throughFrames] },
  { title: "Reviewing", actions: [acceptFrame, returnFrame, compareRaters] },
  { title: "Predictions", actions: [confirmAll, resetOne, resetAll] },
  { title: "States", actions: [occluded, absent, cleared, placeInMiddle] },
  { title: "Choosing", actions: [nextKeypoint, previousKeypoint, nextEmptyKeypoint, previousEmptyKeypoint, nextAnimal, previousAnimal] },
  { title: "Whole pose", actions: [copyPose, ...moveWholePose] },
  {
    title: "Looking",
    actions: [
      look.fitImage,
      look.zoomToKeypoint,
      look.zoomIn,
      look.zoomOut,
      look.previousContext,
      look.nextContext,
      look.playContext,
      look.toggleNames,
      look.toggleSkeleton,
      look.hideOverlay,
      look.display,
      look.learning,
      look.keySheet,
      ...look.panImage,
    ],
  },
  { title: "Moving a keypoint", actions: nudgePoint },
  { title: "Keypoints by number", actions: keypointByNumber },
];

export const ACTIONS: readonly LabelAction[] = GROUPS.flatMap((group) => group.actions);
