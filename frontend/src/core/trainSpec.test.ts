import { describe, expect, it } from "vitest";

import { type Bounds, differences, differing, fault, flatten, valueAt } from "./trainSpec";

const spec = { epochs: 10, weights: "none", patience: null, losses: { temporal: 0, pose_pca: 0.5 }, split: { test_images: [] } };

describe("settings of a training", () => {
  it("are a flat list of paths", () => {
    expect(flatten(spec).map(([path]) => path)).toEqual([
      "epochs", "weights", "patience", "losses.temporal", "losses.pose_pca", "split.test_images",
    ]);
    expect(valueAt(spec, "losses.pose_pca")).toBe(0.5);
    expect(valueAt(spec, "patience")).toBeNull();
  });

  it("are sent only where they differ, nested again", () => {
    const changes = { epochs: 10, "losses.temporal": 2, "losses.pose_pca": 0.5, patience: 4, weights: "", "split.test_images": ["a.png"] };
    expect(differing(spec, changes)).toEqual({ losses: { temporal: 2 }, patience: 4, split: { test_images: ["a.png"] } });
  });

  it("differ between two models where one changed or lacks them", () => {
    const other = { ...spec, epochs: 20, losses: { temporal: 0 } };
    expect(differences(spec, other)).toEqual([
      ["epochs", 10, 20],
      ["losses.pose_pca", 0.5, undefined],
    ]);
  });
});

describe("a value", () => {
  const bounds: Bounds = { kind: "integer", nullable: false, minimum: 32, maximum: 1024, multiple_of: 32 };
  it("is told what is wrong with it", () => {
    expect(fault(bounds, 64)).toBeNull();
    expect(fault(bounds, 16)).toBe("At least 32.");
    expect(fault(bounds, 2048)).toBe("At most 1024.");
    expect(fault(bounds, 65)).toBe("A multiple of 32.");
    expect(fault(bounds, 64.5)).toBe("Give a whole number.");
    expect(fault(bounds, "")).toBe("Give a number.");
    expect(fault(bounds, null)).toBe("Give a value.");
  });

  it("may be left empty where null has a meaning", () => {
    expect(fault({ ...bounds, nullable: true }, null)).toBeNull();
  });

  it("stays between bounds that it must not reach", () => {
    const open: Bounds = { kind: "number", nullable: false, above: 0, below: 0.9 };
    expect(fault(open, 0)).toBe("More than 0.");
    expect(fault(open, 0.9)).toBe("Less than 0.9.");
    expect(fault(open, 0.5)).toBeNull();
  });
});
