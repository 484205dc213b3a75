import { describe, expect, it } from "vitest";
import { imagePoint } from "./geometry";
import { EMPTY_HISTORY, record, redo, undo } from "./history";
import {
  applyChanges,
  clear,
  inverse,
  markAbsent,
  neighbour,
  nextUnlabelled,
  nudge,
  place,
  pointKey,
  toggleOccluded,
  type Points,
} from "./labels";
import { movePose } from "./pose";

const nose = pointKey("a", "nose");
const tail = pointKey("a", "tail");
const other = pointKey("b", "nose");
const points: Points = new Map([[nose, { x: 1, y: 2, state: "visible" }]]);

describe("edits", () => {
  it("are undone by their inverse", () => {
    const changes = new Map([...place(nose, imagePoint(5, 5)), ...place(tail, imagePoint(3, 3))]);
    const after = applyChanges(points, changes);
    expect(applyChanges(after, inverse(points, changes))).toEqual(points);
  });

  it("mark a placed point occluded and visible again, and leave an empty one alone", () => {
    const once = applyChanges(points, toggleOccluded(points, nose));
    expect(once.get(nose)?.state).toBe("occluded");
    expect(applyChanges(once, toggleOccluded(once, nose))).toEqual(points);
    expect(toggleOccluded(points, tail).size).toBe(0);
  });

  it("give an absent point no position", () => {
    expect(markAbsent(nose).get(nose)).toEqual({ x: null, y: null, state: "absent" });
  });

  it("nudge and move only the points of one animal", () => {
    const both = applyChanges(points, place(other, imagePoint(9, 9)));
    expect(nudge(both, nose, 0.2, 0).get(nose)?.x).toBeCloseTo(1.2);
    expect([...movePose(both, "a", 1, 1).keys()]).toEqual([nose]);
  });

  it("clear a point", () => {
    expect(applyChanges(points, clear(nose)).size).toBe(0);
  });
});

describe("choosing keypoints", () => {
  it("goes around the list to the next one without a label", () => {
    expect(nextUnlabelled([nose, tail, other], points, tail)).toBe(other);
    expect(nextUnlabelled([nose, tail], points, tail)).toBe(tail);
    expect(nextUnlabelled([nose], points, nose)).toBeNull();
  });

  it("steps both ways around the list", () => {
    expect(neighbour([nose, tail], tail, 1)).toBe(nose);
    expect(neighbour([nose, tail], nose, -1)).toBe(tail);
    expect(neighbour([], null, 1)).toBeNull();
  });
});

describe("history", () => {
  const edit = { frameId: "f", label: "place", before: clear(nose), after: place(nose, imagePoint(1, 1)) };

  it("undoes and redoes, and forgets the undone once something new is done", () => {
    const one = record(EMPTY_HISTORY, edit);
    const back = undo(one);
    expect(back?.edit).toBe(edit);
    expect(redo(back?.history ?? EMPTY_HISTORY)?.edit).toBe(edit);
    expect(redo(record(back?.history ?? EMPTY_HISTORY, edit))).toBeNull();
    expect(undo(EMPTY_HISTORY)).toBeNull();
  });
});
