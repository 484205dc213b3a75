import { describe, expect, it } from "vitest";
import { ACTIONS } from "../actions/all";
import type { LabelContext } from "../actions/action";
import { strokeTable } from "./keyMap";
import { strokeName } from "./keys";

const stroke = (key: string, held: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {}) =>
  strokeName({ key, code: "", ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held });

describe("key strokes", () => {
  it("are named as the key sheet shows them", () => {
    expect(stroke("z", { ctrlKey: true })).toBe("Ctrl+Z");
    expect(stroke("Z", { metaKey: true, shiftKey: true })).toBe("Ctrl+Shift+Z");
    expect(stroke("?", { shiftKey: true })).toBe("?");
    expect(stroke("ArrowLeft", { shiftKey: true })).toBe("Shift+ArrowLeft");
    expect(stroke(" ")).toBe("Space");
  });

  it("belong to one action each", () => {
    const all = ACTIONS.flatMap((action) => action.keys);
    expect(new Set(all).size).toBe(all.length);
  });

  it("run their action, and only theirs", () => {
    const went: string[] = [];
    const context = { go: (where: string) => went.push(where) } as unknown as LabelContext;
    const table = strokeTable(ACTIONS, {});
    table.get("D")?.run(context, "D");
    expect(table.has("Ctrl+T")).toBe(false);
    expect(went).toEqual(["next"]);
  });
});
