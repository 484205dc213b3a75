import type { LabelAction } from "./action";

export const undoEdit: LabelAction = {
  id: "edit.undo",
  title: "Undo, across frames",
  keys: ["Ctrl+Z"],
  run: (c) => {
    c.undo();
  },
};

export const redoEdit: LabelAction = {
  id: "edit.redo",
  title: "Redo",
  keys: ["Ctrl+Shift+Z", "Ctrl+Y"],
  run: (c) => {
    c.redo();
  },
};

export const submitFrame: LabelAction = {
  id: "frame.submit",
  title: "Submit this frame and go to the next",
  keys: ["Enter"],
  run: (c) => {
    c.submit();
  },
};

export const nextFrame: LabelAction = {
  id: "frame.next",
  title: "Next frame",
  keys: ["D"],
  run: (c) => {
    c.go("next");
  },
};

export const previousFrame: LabelAction = {
  id: "frame.previous",
  title: "Previous frame",
  keys: ["A"],
  run: (c) => {
    c.go("previous");
  },
};

export const nextTodoFrame: LabelAction = {
  id: "frame.nextTodo",
  title: "Next frame to label",
  keys: ["N"],
  run: (c) => {
    c.go("nextTodo");
  },
};

export const skipFrame: LabelAction = {
  id: "frame.skip",
  title: "Skip this frame, with a reason",
  keys: ["S"],
  run: (c) => c.show("skip", true),
};
