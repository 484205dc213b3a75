import type { LabelAction } from "./action";

export const placeInMiddle: LabelAction = {
  id: "point.place",
  title: "Place the keypoint where it is predicted, or in the middle of the screen",
  keys: ["G", "Insert"],
  run: (c) => {
    if (c.selected === null) return;
    const guess = c.predicted.points.get(c.selected);
    c.place(guess === undefined ? c.middle() : { x: guess.x, y: guess.y, space: "image" });
  },
};
