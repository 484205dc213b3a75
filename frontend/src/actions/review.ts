import type { LabelAction } from "./action";

export const acceptFrame: LabelAction = {
  id: "review.accept",
  title: "Reviewers: accept this frame and go to the next",
  keys: ["Shift+Enter"],
  run: (c) => c.accept(),
};

export const returnFrame: LabelAction = {
  id: "review.return",
  title: "Reviewers: return this frame with a note",
  keys: ["Shift+Backspace"],
  run: (c) => {
    if (c.mayReview) c.show("return", true);
  },
};

export const compareRaters: LabelAction = {
  id: "review.compare",
  title: "Reviewers: show what a second person said",
  keys: ["J"],
  run: (c) => {
    if (c.mayReview) c.toggle("compare");
  },
};
