import { describe, expect, it } from "vitest";
import { clampFrame, clockText, frameOf, middleOf, parseRate, startOf } from "./frameClock";

describe("the frame clock", () => {
  it.each(["30", "30000/1001", "25/1", "250"])("finds every frame again from its presentation time at %s", (text) => {
    const rate = parseRate(text);
    for (let frame = 0; frame < 20_000; frame += 7) {
      // Containers round presentation times to their time base, here microseconds.
      const mediaTime = Math.round(startOf(frame, rate) * 1e6) / 1e6;
      expect(frameOf(mediaTime, rate)).toBe(frame);
    }
  });

  it("seeks to the middle of a frame", () => {
    expect(middleOf(0, { num: 30, den: 1 })).toBeCloseTo(1 / 60);
  });

  it("refuses what is no rate", () => {
    expect(() => parseRate("0/1")).toThrow("not a frame rate");
    expect(() => parseRate("fast")).toThrow("not a frame rate");
  });

  it("stays inside the video and writes times", () => {
    expect(clampFrame(-3, 10)).toBe(0);
    expect(clampFrame(12, 10)).toBe(9);
    expect(clockText(62.3456)).toBe("1:02.346");
  });
});
