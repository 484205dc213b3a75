import type { LabelAction } from "./action";

const STEP_PX = 80;

export const fitImage: LabelAction = { id: "view.fit", title: "Show the whole image", keys: ["0"], run: (c) => c.fit() };

export const zoomToKeypoint: LabelAction = { id: "view.zoom", title: "Zoom to the keypoint", keys: ["Z"], run: (c) => c.zoomToSelected() };

export const zoomIn: LabelAction = { id: "view.zoomIn", title: "Zoom in", keys: ["+", "="], run: (c) => c.zoomBy(1.25) };

export const zoomOut: LabelAction = { id: "view.zoomOut", title: "Zoom out", keys: ["-"], run: (c) => c.zoomBy(0.8) };

export const panImage: readonly LabelAction[] = (
  [
    ["left", "ArrowLeft", 1, 0],
    ["right", "ArrowRight", -1, 0],
    ["up", "ArrowUp", 0, 1],
    ["down", "ArrowDown", 0, -1],
  ] as const
).map(([name, arrow, dx, dy]) => ({
  id: `view.pan.${name}`,
  title: `Look further ${name}`,
  keys: [`Ctrl+Alt+${arrow}`],
  run: (c) => c.panBy(dx * STEP_PX, dy * STEP_PX),
}));

export const toggleNames: LabelAction = { id: "view.names", title: "Names on or off", keys: ["L"], run: (c) => c.toggle("names") };

export const toggleSkeleton: LabelAction = { id: "view.skeleton", title: "Skeleton on or off", keys: ["K"], run: (c) => c.toggle("edges") };

export const hideOverlay: LabelAction = {
  id: "view.overlay",
  title: "Hide all points while held",
  keys: ["H"],
  run: (c) => c.show("overlay", false),
  release: (c) => c.show("overlay", true),
};

export const display: LabelAction = { id: "view.display", title: "Brightness, contrast, colours", keys: ["B"], run: (c) => c.toggle("display") };

export const frameHistory: LabelAction = { id: "view.history", title: "History of this frame", keys: ["Y"], run: (c) => c.toggle("history") };

export const learning: LabelAction = { id: "view.learning", title: "What the labels bring", keys: ["I"], run: (c) => c.toggle("learning") };

export const keySheet: LabelAction = { id: "help.keys", title: "This list", keys: ["?"], run: (c) => c.toggle("help") };

export const previousContext: LabelAction = { id: "context.previous", title: "Look one frame back", keys: [","], run: (c) => c.context(-1) };

export const nextContext: LabelAction = { id: "context.next", title: "Look one frame ahead", keys: ["."], run: (c) => c.context(1) };

export const playContext: LabelAction = { id: "context.play", title: "Play the neighbouring frames", keys: ["P"], run: (c) => c.play() };

export const throughFrames: LabelAction = {
  id: "mode.through",
  title: "One keypoint through many frames, on or off",
  keys: ["M"],
  run: (c) => c.toggle("through"),
};
