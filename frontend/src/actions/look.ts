import type { LabelAction } from "./action";

export const fitImage: LabelAction = {
  id: "view.fit",
  title: "Show the whole image",
  keys: ["0"],
  run: (c) => {
    c.fit();
  },
};

export const zoomToKeypoint: LabelAction = {
  id: "view.zoom",
  title: "Zoom to the keypoint",
  keys: ["Z"],
  run: (c) => {
    c.zoomToSelected();
  },
};

export const toggleNames: LabelAction = {
  id: "view.names",
  title: "Names on or off",
  keys: ["L"],
  run: (c) => {
    c.toggle("names");
  },
};

export const toggleSkeleton: LabelAction = {
  id: "view.skeleton",
  title: "Skeleton on or off",
  keys: ["K"],
  run: (c) => {
    c.toggle("edges");
  },
};

export const toggleOverlay: LabelAction = {
  id: "view.overlay",
  title: "Hide or show all points",
  keys: ["H"],
  run: (c) => {
    c.toggle("overlay");
  },
};

export const adjustImage: LabelAction = {
  id: "view.adjust",
  title: "Brightness and contrast",
  keys: ["B"],
  run: (c) => {
    c.toggle("adjust");
  },
};

export const keySheet: LabelAction = {
  id: "help.keys",
  title: "This list",
  keys: ["?"],
  run: (c) => {
    c.toggle("help");
  },
};

export const previousContext: LabelAction = {
  id: "context.previous",
  title: "Look one frame back",
  keys: [","],
  run: (c) => {
    c.context(-1);
  },
};

export const nextContext: LabelAction = {
  id: "context.next",
  title: "Look one frame ahead",
  keys: ["."],
  run: (c) => {
    c.context(1);
  },
};
