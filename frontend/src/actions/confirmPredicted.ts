import { confirmed, resetToPrediction } from "../core/prelabels";
import type { LabelAction } from "./action";

export const confirmAll: LabelAction = {
  id: "predicted.confirm",
  title: "Confirm all predictions",
  keys: ["F"],
  run: (c) => c.apply(confirmed(c.predicted, c.points, 0), "confirm predictions"),
};

export const resetOne: LabelAction = {
  id: "predicted.reset",
  title: "Back to the prediction",
  keys: ["R"],
  run: (c) => {
    if (c.selected !== null) c.apply(resetToPrediction(c.predicted, c.points, [c.selected]), "reset");
  },
};

export const resetAll: LabelAction = {
  id: "predicted.resetAll",
  title: "Back to the predictions, all keypoints",
  keys: ["Shift+R"],
  run: (c) => c.apply(resetToPrediction(c.predicted, c.points, [...c.points.keys()]), "reset all"),
};
