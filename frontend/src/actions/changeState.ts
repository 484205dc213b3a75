import { applyChanges, clear, markAbsent, nextUnlabelled, toggleOccluded } from "../core/labels";
import type { LabelAction } from "./action";

export const occluded: LabelAction = {
  id: "point.occluded",
  title: "Occluded: hidden, but its place is known",
  keys: ["O"],
  run: (c) => {
    if (c.selected !== null) c.apply(toggleOccluded(c.points, c.selected), "mark occluded");
  },
};

export const absent: LabelAction = {
  id: "point.absent",
  title: "Absent: not in the picture",
  keys: ["X"],
  run: (c) => {
    if (c.selected === null) return;
    const key = c.selected;
    const changes = markAbsent(key);
    c.apply(changes, "mark absent");
    c.select(nextUnlabelled(c.keys, applyChanges(c.points, changes), key) ?? key);
  },
};

export const cleared: LabelAction = {
  id: "point.clear",
  title: "Clear this keypoint",
  keys: ["Delete", "Backspace"],
  run: (c) => {
    if (c.selected !== null && c.points.has(c.selected)) c.apply(clear(c.selected), "clear");
  },
};
