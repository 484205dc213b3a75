import { describe, expect, it } from "vitest";
import { boxOf, fitBox, imagePoint, toScreen } from "./geometry";
import { applyChanges, pointKey, type Points } from "./labels";
import { centreOf, copyPose, movePose, restoring, turnBetween, turnPose } from "./pose";

const nose = pointKey("a", "nose");
const tail = pointKey("a", "tail");
const other = pointKey("b", "nose");
const pose: Points = new Map([
  [nose, { x: 10, y: 0, state: "visible", modelId: "m" }],
  [tail, { x: -10, y: 0, state: "occluded" }],
  [other, { x: 50, y: 50, state: "visible" }],
]);

describe("a whole pose", () => {
  it("turns about its own middle and keeps the states, and no other animal moves", () => {
    const turned = turnPose(pose, "a", Math.PI / 2);
    expect(turned.get(nose)?.x).toBeCloseTo(0);
    expect(turned.get(nose)?.y).toBeCloseTo(10);
    expect(turned.get(tail)?.state).toBe("occluded");
    expect(turned.has(other)).toBe(false);
  });

  it("is a person's, not a model's, once it was moved", () => {
    expect(movePose(pose, "a", 1, 2).get(nose)).toEqual({ x: 11, y: 2, state: "visible" });
  });

  it("follows the pointer: turn and scale between two places", () => {
    const centre = centreOf(pose, "a") ?? imagePoint(9, 9);
    expect(centre).toEqual(imagePoint(0, 0));
    const { angle, scale } = turnBetween(centre, imagePoint(10, 0), imagePoint(0, 20));
    expect(angle).toBeCloseTo(Math.PI / 2);
    expect(scale).toBeCloseTo(2);
    expect(turnPose(pose, "a", angle, scale).get(nose)?.y).toBeCloseTo(20);
  });

  it("is copied only where nothing is labelled yet", () => {
    const here: Points = new Map([[nose, { x: 1, y: 1, state: "visible" }]]);
    expect([...copyPose(pose, here, "a")]).toEqual([[tail, { x: -10, y: 0, state: "occluded" }]]);
  });

  it("comes back from its history by the difference", () => {
    const now: Points = new Map([
      [nose, { x: 10, y: 0, state: "visible" }],
      [other, { x: 1, y: 1, state: "visible" }],
    ]);
    const changes = restoring(now, pose);
    expect(changes.has(nose)).toBe(false);
    expect(applyChanges(now, changes).get(other)?.x).toBe(50);
    expect(restoring(now, new Map()).get(nose)).toBeNull();
  });

  it("fits the screen with its surroundings", () => {
    const screen = { width: 600, height: 400 };
    const view = fitBox(screen, boxOf([{ x: 100, y: 100 }, { x: 160, y: 120 }]) ?? { x: 0, y: 0, width: 1, height: 1 });
    const at = toScreen(view, imagePoint(130, 110));
    expect([at.x, at.y]).toEqual([300, 200]);
    expect(toScreen(view, imagePoint(100, 110)).x).toBeGreaterThan(50);
    expect(boxOf([])).toBeNull();
  });
});
