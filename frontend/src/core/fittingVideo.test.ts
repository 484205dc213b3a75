import { describe, expect, it } from "vitest";
import { fittingVideo } from "./fittingVideo";

const videos = [
  { id: "1", name: "m3.mp4" },
  { id: "2", name: "m3v1.mp4" },
  { id: "3", name: "day2.avi" },
];

describe("the video of a file of predictions", () => {
  it("is the one whose name stands in the file's name, the longest of several", () => {
    expect(fittingVideo("m3v1DLC_resnet50.csv", videos)).toBe("2");
    expect(fittingVideo("predictions-DAY2.h5", videos)).toBe("3");
  });

  it("is left to the person where names do not say", () => {
    expect(fittingVideo("poses.csv", videos)).toBeNull();
    expect(fittingVideo("day2.csv", [...videos, { id: "4", name: "day2.mp4" }])).toBeNull();
  });
});
