import { describe, expect, it } from "vitest";

import { placeOn, tickText, ticksTo } from "./plot";

describe("ticks", () => {
  it("are round and reach beyond the greatest value", () => {
    expect(ticksTo(9.3)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticksTo(1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksTo(0.037, 4)).toEqual([0, 0.01, 0.02, 0.03, 0.04]);
  });

  it("are there without values", () => {
    expect(ticksTo(0)).toEqual([0, 1]);
    expect(ticksTo(Number.NaN)).toEqual([0, 1]);
  });

  it("are written with the digits that tell them apart", () => {
    expect(ticksTo(1).map((tick) => tickText(tick, ticksTo(1)))).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(tickText(25, [0, 25, 50])).toBe("25");
    expect(tickText(2.5, [0, 2.5, 5])).toBe("2.5");
  });
});

describe("places", () => {
  it("go from the first to the last", () => {
    const place = placeOn(10, 100, 0);
    expect([place(0), place(5), place(10)]).toEqual([100, 50, 0]);
  });
});
