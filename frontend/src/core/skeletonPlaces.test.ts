import { expect, test } from "vitest";

import { placesOf } from "./skeletonPlaces";

const keypoint = (name: string) => ({ id: name, name, color: "#000000", partner: null, part: null, view: null });
const draft = (names: string[], edges: [string, string][]) => ({ keypoints: names.map(keypoint), edges, views: [] });

test("a keypoint that the frame does not show is drawn amid those it is connected with", () => {
  const labelled = new Map([
    ["one", { x: 0.2, y: 0.4 }],
    ["two", { x: 0.4, y: 0.8 }],
  ]);
  const [, hidden] = placesOf(draft(["one", "hidden", "two"], [["one", "hidden"], ["hidden", "two"]]), labelled);
  expect(hidden?.x).toBeCloseTo(0.3);
  expect(hidden?.y).toBeCloseTo(0.6);
});

test("beside a single neighbour a keypoint does not cover it", () => {
  const [one, hidden] = placesOf(draft(["one", "hidden"], [["one", "hidden"]]), new Map([["one", { x: 0.2, y: 0.4 }]]));
  expect(hidden).not.toEqual(one);
});

test("keypoints that nothing is known of lie apart on an ellipse", () => {
  const places = placesOf(draft(["one", "two"], [["one", "two"]]), new Map());
  expect(places[0]).not.toEqual(places[1]);
});
