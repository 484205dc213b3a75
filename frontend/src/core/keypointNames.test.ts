import { expect, test } from "vitest";

import { keypointsFrom, otherSide, parseNames } from "./keypointNames";

test("pasted names may be separated by lines, commas or tabs, and doubles are dropped", () => {
  expect(parseNames('nose\n"left ear", right ear;\ttail\n\nnose')).toEqual(["nose", "left ear", "right ear", "tail"]);
});

test("the other side keeps the case and place of the word", () => {
  expect(["left_ear", "rightPaw", "paw_L", "r_hip", "earLeft_top", "LEFT EYE"].map(otherSide)).toEqual([
    "right_ear", "leftPaw", "paw_R", "l_hip", "earRight_top", "RIGHT EYE",
  ]);
});

test("a name without a side has no partner", () => {
  expect(["nose", "tail_tip", "leftover", "bright"].map(otherSide)).toEqual([null, null, null, null]);
});

test("partners are set only where both sides are there", () => {
  const partners = keypointsFrom(["left_ear", "right_ear", "left_paw"]).map((k) => k.partner);
  expect(partners).toEqual(["right_ear", "left_ear", null]);
});
