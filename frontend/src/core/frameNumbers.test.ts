import { expect, test } from "vitest";

import { parseIndices, parseRanges } from "./frameNumbers";

test("numbers and ranges are joined, sorted and counted once", () => {
  expect(parseIndices("7, 3-5;4", 10)).toEqual({ indices: [3, 4, 5, 7], error: null });
});

test("a number behind the last frame, a range backwards and words are refused with a reason", () => {
  expect(parseIndices("10", 10).error).toContain("last frame is 9");
  expect(parseIndices("5-3", 10).error).toContain("backwards");
  expect(parseIndices("five", 10).error).toContain("no frame number");
});

test("a huge range is refused before it is counted out", () => {
  expect(parseIndices("0-999999999", null).error).toContain("At most 1000");
});

test("parts of a video end behind the last frame that is named", () => {
  expect(parseRanges("0-9, 20 - 29;40-40")).toEqual({ ranges: [[0, 10], [20, 30], [40, 41]], error: null });
  expect(parseRanges("")).toEqual({ ranges: [], error: null });
});

test("a part that runs backwards or is a word is refused with a reason", () => {
  expect(parseRanges("9-3").error).toContain("backwards");
  expect(parseRanges("start-3").error).toContain("write 0-500");
});
