import { describe, expect, it } from "vitest";
import { assign, chosenFrom, isFree, keysOf, strokeTable } from "./keyMap";
import { lookFrom, USUAL } from "./look";

const next = { id: "next", keys: ["D", "PageDown"] };
const absent = { id: "absent", keys: ["X"] };
const actions = [next, absent];

describe("chosen keys", () => {
  it("replace an action's own", () => {
    const chosen = assign(actions, {}, "next", "J");
    expect(keysOf(next, chosen)).toEqual(["J"]);
    expect([...strokeTable(actions, chosen).keys()]).toEqual(["J", "X"]);
  });

  it("are taken from whoever had them", () => {
    const chosen = assign(actions, {}, "absent", "D");
    expect(keysOf(next, chosen)).toEqual(["PageDown"]);
    expect(strokeTable(actions, chosen).get("D")).toBe(absent);
  });

  it("are none that a browser keeps, and no modifier alone", () => {
    expect(["Ctrl+W", "Ctrl+3", "Escape", "Shift+Shift", "Control"].map(isFree)).toEqual([false, false, false, false, false]);
    expect(["J", "Ctrl+J", "F2", "Space"].every(isFree)).toBe(true);
  });
});

describe("what a browser remembers", () => {
  it("is used as far as it makes sense", () => {
    expect(lookFrom({ names: true, size: 900, zoom: "animal", color: "mood" })).toEqual({ ...USUAL, names: true, zoom: "animal" });
    expect(lookFrom("nonsense")).toEqual(USUAL);
    expect(chosenFrom({ next: ["J"], absent: 7 })).toEqual({ next: ["J"] });
    expect(chosenFrom(null)).toEqual({});
  });
});
