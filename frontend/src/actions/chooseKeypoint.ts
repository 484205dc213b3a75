import { neighbour, nextUnlabelled } from "../core/labels";
import type { LabelAction } from "./action";

export const nextKeypoint: LabelAction = {
  id: "keypoint.next",
  title: "Next keypoint",
  keys: ["Tab"],
  run: (c) => {
    c.select(neighbour(c.keys, c.selected, 1));
  },
};

export const previousKeypoint: LabelAction = {
  id: "keypoint.previous",
  title: "Previous keypoint",
  keys: ["Shift+Tab"],
  run: (c) => {
    c.select(neighbour(c.keys, c.selected, -1));
  },
};

export const nextEmptyKeypoint: LabelAction = {
  id: "keypoint.nextEmpty",
  title: "Next keypoint without a label",
  keys: ["E"],
  run: (c) => {
    c.select(nextUnlabelled(c.keys, c.points, c.selected) ?? c.selected);
  },
};

export const keypointByNumber: LabelAction = {
  id: "keypoint.number",
  title: "Keypoint 1 to 9",
  keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
  run: (c, stroke) => {
    c.select(c.keys[Number(stroke) - 1] ?? c.selected);
  },
};
