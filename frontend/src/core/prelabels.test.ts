import { describe, expect, it } from "vitest";
import { correction, LONGEST_PAUSE_S, Stopwatch } from "./effort";
import { applyChanges, pointKey, type PointKey, type Points } from "./labels";
import { confirmed, nextPredicted, packer, pressEnter, resetToPrediction, unpacked, type Prelabels } from "./prelabels";

const [nose, tail, paw] = ["nose", "tail", "paw"].map((name) => pointKey("a", name)) as [PointKey, PointKey, PointKey];
const keys = [nose, tail, paw];
const predicted: Prelabels = {
  modelId: "m",
  points: new Map([
    [nose, { x: 1, y: 1, likelihood: 0.9 }],
    [tail, { x: 2, y: 2, likelihood: 0.3 }],
    [paw, { x: 3, y: 3, likelihood: 0.2 }],
  ]),
};
const none: Points = new Map();

describe("predictions", () => {
  it("wait in the queue exactly, and share the names of their points", () => {
    const pack = packer();
    const [one, other] = [pack("m", [...predicted.points]), pack("m", [...predicted.points])];
    expect(unpacked(one)).toEqual(predicted);
    expect(other.keys).toBe(one.keys);
    expect(unpacked(null).points.size).toBe(0);
  });

  it("become labels of their model when they are confirmed", () => {
    expect([...confirmed(predicted, none, 0.6)]).toEqual([[nose, { x: 1, y: 1, state: "visible", modelId: "m" }]]);
    expect(confirmed(predicted, none, 0).size).toBe(3);
  });

  it("never replace what a person said", () => {
    const said: Points = new Map([[nose, { x: null, y: null, state: "absent" }]]);
    expect(confirmed(predicted, said, 0).has(nose)).toBe(false);
    expect(nextPredicted(predicted, said, keys, null)).toBe(tail);
  });

  it("are confirmed by one Enter where all are sure", () => {
    expect(pressEnter(predicted, none, keys, null, 0.1).visit).toBeNull();
  });

  it("are visited in turn by Enter where they are doubtful", () => {
    const first = pressEnter(predicted, none, keys, null, 0.6);
    expect([...first.changes.keys()]).toEqual([nose]);
    expect(first.visit).toBe(tail);
    const second = pressEnter(predicted, applyChanges(none, first.changes), keys, tail, 0.6);
    expect([...second.changes.keys()]).toEqual([tail]);
    expect(second.visit).toBe(paw);
    const third = pressEnter(predicted, applyChanges(applyChanges(none, first.changes), second.changes), keys, paw, 0.6);
    expect(third.visit).toBeNull();
  });

  it("come back when a label is reset, and labels without one stay", () => {
    const points: Points = new Map([
      [nose, { x: 9, y: 9, state: "visible" }],
      [pointKey("b", "nose"), { x: 9, y: 9, state: "visible" }],
    ]);
    expect([...resetToPrediction(predicted, points, [...points.keys()])]).toEqual([[nose, null]]);
  });
});

describe("what a frame costs", () => {
  it("counts what was confirmed and how far the rest was moved", () => {
    const points: Points = new Map([
      [nose, { x: 1, y: 1, state: "visible" }],
      [tail, { x: 5, y: 6, state: "visible" }],
      [paw, { x: null, y: null, state: "absent" }],
    ]);
    expect(correction(predicted, points)).toMatchObject({ modelId: "m", confirmed: 1, corrected: 1, correctionPx: 5 });
  });

  it("counts time at work, not pauses", () => {
    const watch = new Stopwatch(0);
    watch.act(2000, 1);
    watch.act(3_600_000, 1);
    expect(watch.take(3_601_000)).toMatchObject({ seconds: 2 + LONGEST_PAUSE_S + 1, clicks: 2 });
    expect(watch.take(3_601_000)).toMatchObject({ seconds: 0, clicks: 0 });
  });
});
