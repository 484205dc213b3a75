import { neighbour, nextUnlabelled } from "../core/labels";
import type { LabelAction } from "./action";

export const nextKeypoint: LabelAction = {
  id: "keypoint.next",
  title: "Next keypoint",
  keys: ["Tab"],
  run: (c) => c.select(neighbour(c.keys, c.selected, 1)),
};

export const previousKeypoint: LabelAction = {
  id: "keypoint.previous",
  title: "Previous keypoint",
  keys: ["Shift+Tab"],
  run: (c) => c.select(neighbour(c.keys, c.selected, -1)),
};

export const nextEmptyKeypoint: LabelAction = {
  id: "keypoint.nextEmpty",
  title: "Next keypoint without a label",
  keys: ["E"],
  run: (c) => c.select(nextUnlabelled(c.keys, c.points, c.selected) ?? c.selected),
};

export const previousEmptyKeypoint: LabelAction = {
  id: "keypoint.previousEmpty",
  title: "Previous keypoint without a label",
  keys: ["Q"],
  run: (c) => c.select(nextUnlabelled([...c.keys].reverse(), c.points, c.selected) ?? c.selected),
};

export const keypointByNumber: readonly LabelAction[] = Array.from({ length: 9 }, (_, index) => ({
  id: `keypoint.number.${index + 1}`,
  title: `Keypoint ${index + 1}`,
  keys: [String(index + 1)],
  run: (c) => c.select(c.keys[index] ?? c.selected),
}));
