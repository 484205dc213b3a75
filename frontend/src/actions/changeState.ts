import { applyChanges, clear, markAbsent, toggleOccluded } from "../core/labels";
import { confirmOne } from "../core/prelabels";
import type { LabelAction } from "./action";

export const occluded: LabelAction = {
  id: "point.occluded",
  title: "Occluded: hidden, but its place is known",
  keys: ["O"],
  run: (c) => {
    if (c.selected === null) return;
    // A prediction that is called occluded is confirmed where it is.
    const points = applyChanges(c.points, confirmOne(c.predicted, c.points, c.selected));
    c.apply(toggleOccluded(points, c.selected), "mark occluded");
  },
};

export const absent: LabelAction = {
  id: "point.absent",
  title: "Absent: not in the picture",
  keys: ["X"],
  run: (c) => {
    if (c.selected === null) return;
    const changes = markAbsent(c.selected);
    c.apply(changes, "mark absent");
    c.advance(c.selected, applyChanges(c.points, changes));
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
