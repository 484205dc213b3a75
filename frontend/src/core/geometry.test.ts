import { describe, expect, it } from "vitest";
import { centreOn, clampToImage, fit, imagePoint, pan, screenPoint, toImage, toScreen, zoomAt } from "./geometry";

const view = { zoom: 3, dx: 17, dy: -4 };

describe("the view", () => {
  it("puts the centre of the top-left pixel half a zoomed pixel inside the image's corner", () => {
    expect(toScreen(view, imagePoint(0, 0))).toMatchObject({ x: 18.5, y: -2.5 });
  });

  it("takes a point to the screen and back unchanged", () => {
    const there = toScreen(view, imagePoint(12.25, 99.5));
    expect(toImage(view, there)).toMatchObject({ x: 12.25, y: 99.5 });
  });

  it("keeps what lies under the pointer in place while it zooms", () => {
    const at = screenPoint(120, 80);
    const under = toImage(view, at);
    const after = toImage(zoomAt(view, at, 2.5), at);
    expect(after.x).toBeCloseTo(under.x, 9);
    expect(after.y).toBeCloseTo(under.y, 9);
  });

  it("fits the whole image with the same margin on both sides", () => {
    const fitted = fit({ width: 400, height: 300 }, { width: 100, height: 50 }, 10);
    const left = toScreen(fitted, imagePoint(-0.5, -0.5));
    const right = toScreen(fitted, imagePoint(99.5, 49.5));
    expect(left.x).toBeCloseTo(10);
    expect(right.x).toBeCloseTo(390);
    expect(left.y + right.y).toBeCloseTo(300);
  });

  it("pans and centres", () => {
    expect(pan(view, 5, 6)).toEqual({ zoom: 3, dx: 22, dy: 2 });
    const centred = centreOn(view, { width: 200, height: 100 }, imagePoint(7, 8), 10);
    expect(toScreen(centred, imagePoint(7, 8))).toMatchObject({ x: 100, y: 50 });
  });

  it("keeps dragged points on the image", () => {
    expect(clampToImage(imagePoint(-9, 80), { width: 20, height: 10 })).toMatchObject({ x: -0.5, y: 9.5 });
  });
});
