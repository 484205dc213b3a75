import { describe, expect, it } from "vitest";

import { aboutBands } from "./intervals";

const judged = (...factors: number[]) => ({
  intervals: Object.fromEntries(factors.map((variance_factor, k) => [`k${k}`, { variance_factor, labelled: 30 }])),
});

describe("what is said about bands", () => {
  it("names the keypoints whose bands labels made wider", () => {
    expect(aboutBands(judged(1, 4, 9))).toMatch(/^Bands recalibrated: those of k1, k2 are wider/);
    expect(aboutBands(judged(2, 2, 2, 2, 2, 2))).toContain("k0, k1, k2, k3 and 2 more");
  });

  it("says that bands hold what they promise", () => expect(aboutBands(judged(1, 1))).toMatch(/^Bands checked/));

  it("is silent without enough labels", () => {
    expect(aboutBands({})).toBeNull();
    expect(aboutBands({ intervals: {} })).toBeNull();
    expect(aboutBands({ intervals: { nose: { variance_factor: 1, labelled: 0 } } })).toBeNull();
  });
});
