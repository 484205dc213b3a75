import { expect, test } from "vitest";

import { parseIndices } from "./frameNumbers";

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
