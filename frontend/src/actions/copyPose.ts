import type { LabelAction } from "./action";

export const copyPose: LabelAction = {
  id: "pose.copy",
  title: "Copy the pose of the previous labelled frame",
  keys: ["C"],
  run: (c) => c.copyPose(),
};
