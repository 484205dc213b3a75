import { expect, test } from "vitest";

import { remove, replace } from "./framePreview";

const preview = { kept: [3, 10, 20], spares: [15, 1] };

test("a frame that is taken out is gone and no spare comes for it", () => {
  expect(remove(preview, 10)).toEqual({ kept: [3, 20], spares: [15, 1] });
});

test("a replaced frame gives its place to the best spare, in the order of the video", () => {
  const once = replace(preview, 20);
  expect(once).toEqual({ kept: [3, 10, 15], spares: [1] });
  expect(replace(once, 3)).toEqual({ kept: [1, 10, 15], spares: [] });
});

test("without a spare, or for a frame that is not kept, nothing changes", () => {
  expect(replace({ kept: [3], spares: [] }, 3)).toEqual({ kept: [3], spares: [] });
  expect(replace(preview, 99)).toEqual(preview);
});
