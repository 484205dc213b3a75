import { expect, test } from "vitest";

import {
  addKeypoints, addView, changeKeypoint, mistake, moveKeypoint, removeKeypoint, removeView, type SkeletonDraft, toggleEdge,
} from "./skeletonDraft";

const empty: SkeletonDraft = { keypoints: [], edges: [], views: [] };
const draft = addKeypoints(empty, ["nose", "left ear", "right ear"]);
const partners = (of: SkeletonDraft) => of.keypoints.map((keypoint) => keypoint.partner);
const names = (of: SkeletonDraft) => of.keypoints.map((keypoint) => keypoint.name);

test("added keypoints find their partners, also among those that were there", () => {
  expect(partners(draft)).toEqual([null, "right ear", "left ear"]);
  expect(partners(addKeypoints(addKeypoints(empty, ["left hip"]), ["right hip", "left hip"]))).toEqual(["right hip", "left hip"]);
});

test("a rename follows through edges and partners", () => {
  const renamed = changeKeypoint(toggleEdge(draft, ["nose", "left ear"]), 1, { name: "ear L" });
  expect(renamed.edges).toEqual([["nose", "ear L"]]);
  expect(partners(renamed)).toEqual([null, "right ear", "ear L"]);
});

test("a partner is mutual and leaves the one it had", () => {
  expect(partners(changeKeypoint(draft, 0, { partner: "left ear" }))).toEqual(["left ear", "nose", null]);
  expect(partners(changeKeypoint(draft, 1, { partner: null }))).toEqual([null, null, null]);
});

test("a removed keypoint takes its edges along and frees its partner", () => {
  const removed = removeKeypoint(toggleEdge(draft, ["nose", "left ear"]), 1);
  expect(removed.edges).toEqual([]);
  expect(partners(removed)).toEqual([null, null]);
});

test("keypoints move one place and not beyond the ends", () => {
  expect(names(moveKeypoint(draft, 0, 1))).toEqual(["left ear", "nose", "right ear"]);
  expect(moveKeypoint(draft, 0, -1)).toBe(draft);
});

test("an edge is the same in both directions and never joins a keypoint to itself", () => {
  const once = toggleEdge(draft, ["nose", "left ear"]);
  expect(toggleEdge(once, ["left ear", "nose"]).edges).toEqual([]);
  expect(toggleEdge(draft, ["nose", "nose"])).toBe(draft);
});

test("keypoints of a removed view lose it", () => {
  const withView = changeKeypoint(addView(draft, "mirror"), 0, { view: "mirror" });
  expect(removeView(withView, "mirror").keypoints[0]?.view).toBeNull();
});

test("empty and double names keep a skeleton from being saved", () => {
  expect(mistake(draft)).toBeNull();
  expect(mistake(changeKeypoint(draft, 0, { name: " " }))).toContain("needs a name");
  expect(mistake(changeKeypoint(draft, 0, { name: "left ear" }))).toContain("left ear");
});
