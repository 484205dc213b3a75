import { describe, expect, it } from "vitest";
import { imagePoint } from "./geometry";
import { clear, place, pointKey, type Points } from "./labels";
import { acknowledged, added, edited, failed, opened, rebased, resolved, retryDelay, shown, status, take } from "./saving";

const nose = pointKey("a", "nose");
const tail = pointKey("a", "tail");
const at = (x: number) => place(nose, imagePoint(x, 0));
const nothing: Points = new Map();

describe("saving a frame", () => {
  it("shows edits at once and says saved only after the server acknowledged them", () => {
    const state = edited(opened(3, nothing), at(1));
    expect(shown(state).get(nose)?.x).toBe(1);
    expect(status(state)).toBe("unsaved");
    const sent = take(state);
    expect(sent && status(sent)).toBe("saving");
    expect(sent && status(acknowledged(sent, 4, new Map([[nose, { x: 1, y: 0, state: "visible" }]])))).toBe("saved");
  });

  it("sends one request at a time and keeps what was edited meanwhile", () => {
    const sent = take(edited(opened(0, nothing), at(1)));
    if (sent === null) throw new Error("nothing was taken");
    const more = edited(sent, at(2));
    expect(take(more)).toBeNull();
    const after = acknowledged(more, 1, new Map([[nose, { x: 1, y: 0, state: "visible" }]]));
    expect(shown(after).get(nose)?.x).toBe(2);
    expect(take(after)?.inFlight.changes.get(nose)?.x).toBe(2);
  });

  it("keeps the edits of a request that failed, the latest on top", () => {
    const sent = take(edited(opened(0, nothing), at(1)));
    if (sent === null) throw new Error("nothing was taken");
    const state = failed(edited(sent, at(2)));
    expect(status(state)).toBe("offline");
    expect(take(state)?.inFlight.changes.get(nose)?.x).toBe(2);
    expect(retryDelay(1)).toBe(0.5);
    expect(retryDelay(50)).toBe(30);
  });
});

describe("the state of a frame", () => {
  it("travels with the points, and alone when there are none", () => {
    const state = take(added(opened(2, nothing), { frameState: "submitted" }));
    expect(state?.inFlight.frameState).toBe("submitted");
    expect(take(opened(2, nothing))).toBeNull();
  });

  it("is not sent before the labels were read", () => {
    expect(take(edited(opened(null, nothing), at(1)))).toBeNull();
  });
});

describe("when someone else saved first", () => {
  const theirs: Points = new Map([[tail, { x: 7, y: 7, state: "visible" }]]);
  const mine = take(edited(opened(0, nothing), at(1)));

  it("puts edits of other points on top of theirs", () => {
    if (mine === null) throw new Error("nothing was taken");
    const state = rebased(mine, 5, theirs, [tail]);
    expect(state.conflicts.size).toBe(0);
    expect([...shown(state).keys()].sort()).toEqual([nose, tail].sort());
    expect(take(state)?.version).toBe(5);
  });

  it("asks about a point both changed, and does as told", () => {
    const clash: Points = new Map([[nose, { x: 9, y: 9, state: "visible" }]]);
    if (mine === null) throw new Error("nothing was taken");
    const state = rebased(mine, 5, clash, [nose]);
    expect(status(state)).toBe("conflict");
    expect(take(state)).toBeNull();
    expect(shown(resolved(state, "theirs")).get(nose)?.x).toBe(9);
    expect(shown(resolved(state, "mine")).get(nose)?.x).toBe(1);
  });

  it("sees no conflict in its own save whose reply was lost, and sends only what is new", () => {
    const sent = take(edited(opened(0, nothing), at(1)));
    if (sent === null) throw new Error("nothing was taken");
    const unsure = edited(failed(sent), at(2));
    const arrived: Points = new Map([[nose, { x: 1, y: 0, state: "visible" }]]);
    const state = rebased(unsure, 1, arrived, [nose]);
    expect(state.conflicts.size).toBe(0);
    expect(take(state)?.inFlight.changes.get(nose)?.x).toBe(2);
    expect(take(rebased(failed(sent), 1, arrived, [nose]))).toBeNull();
  });

  it("sees no conflict where both sides say the same", () => {
    if (mine === null) throw new Error("nothing was taken");
    const same: Points = new Map([[nose, { x: 1, y: 0, state: "visible" }]]);
    expect(rebased(mine, 5, same, [nose]).conflicts.size).toBe(0);
    const cleared = take(edited(opened(0, same), clear(nose)));
    expect(cleared && rebased(cleared, 1, nothing, [nose]).conflicts.size).toBe(0);
  });
});
