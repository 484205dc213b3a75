import { describe, expect, it } from "vitest";

import { dragged, drawn, faultOf, handles, inside, moved } from "./crop";
import { imagePoint } from "./geometry";

const frame = { width: 200, height: 100 };
const crop = { x: 20, y: 10, width: 80, height: 60 };
const at = imagePoint(0, 0);

describe("a crop", () => {
  it("is drawn between two corners, whichever comes first, and stays inside the frame", () => {
    expect(drawn(imagePoint(99.6, 69.4), imagePoint(19.4, 9.6), frame)).toEqual(crop);
    expect(drawn(imagePoint(-30, -30), imagePoint(900, 900), frame)).toEqual({ x: 0, y: 0, ...frame });
  });

  it("grows and shrinks by its handles", () => {
    expect(dragged(crop, "se", at, imagePoint(10, 5), frame)).toEqual({ ...crop, width: 90, height: 65 });
    expect(dragged(crop, "nw", at, imagePoint(10, 5), frame)).toEqual({ x: 30, y: 15, width: 70, height: 55 });
    expect(dragged(crop, "e", at, imagePoint(10, 5), frame)).toEqual({ ...crop, width: 90 });
  });

  it("never gets smaller by a handle than it may be, nor leaves the frame", () => {
    expect(dragged(crop, "w", at, imagePoint(500, 0), frame)).toEqual({ ...crop, x: 68, width: 32 });
    expect(dragged(crop, "n", at, imagePoint(0, -500), frame)).toEqual({ ...crop, y: 0, height: 70 });
    expect(dragged(crop, "se", at, imagePoint(500, 500), frame)).toEqual({ ...crop, width: 180, height: 90 });
  });

  it("moves as a whole as far as the frame lets it", () => {
    expect(dragged(crop, "move", at, imagePoint(-50, 3), frame)).toEqual({ ...crop, x: 0, y: 13 });
    expect(moved(crop, 500, 500, frame)).toEqual({ ...crop, x: 120, y: 40 });
  });

  it("has its corners on the borders between pixels", () => {
    expect(handles(crop).find(([name]) => name === "se")?.[1]).toEqual(imagePoint(99.5, 69.5));
    expect(inside(crop, imagePoint(19.6, 9.6))).toBe(true);
    expect(inside(crop, imagePoint(19.4, 9.6))).toBe(false);
  });

  it("is told what is wrong with it", () => {
    expect(faultOf(crop, frame)).toBeNull();
    expect(faultOf({ ...crop, width: 31 }, frame)).toBe("The crop is at least 32 × 32 pixels.");
    expect(faultOf({ ...crop, x: 121 }, frame)).toBe("The crop leaves the video of 200 × 100 pixels.");
    expect(faultOf({ ...crop, x: Number.NaN }, frame)).toBe("Give four whole numbers.");
    expect(faultOf({ x: 0, y: 0, width: 20, height: 20 }, { width: 20, height: 20 })).toBeNull();
  });
});
