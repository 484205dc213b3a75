import { describe, expect, it } from "vitest";
import { EMPTY_HISTORY, MAX_EDITS, MAX_POINTS, record, undo, type Edit, type History } from "./history";
import { pointKey, type Changes } from "./labels";

const edit = (points: number): Edit => {
  const after: Changes = new Map(Array.from({ length: points }, (_, n) => [pointKey("a", String(n)), null]));
  return { frameId: "f", label: "edit", before: after, after };
};

const after = (count: number, points: number): History =>
  Array.from({ length: count }, () => edit(points)).reduce(record, EMPTY_HISTORY);

describe("the history of edits", () => {
  it("holds many edits of one point", () => {
    expect(after(MAX_EDITS + 5, 1).done).toHaveLength(MAX_EDITS);
  });

  it("holds fewer edits of many points, and always the last one", () => {
    expect(after(200, 160).done).toHaveLength(Math.floor(MAX_POINTS / 160));
    expect(undo(record(after(3, 1), edit(MAX_POINTS + 1)))?.edit.after.size).toBe(MAX_POINTS + 1);
  });
});
