import { describe, expect, it } from "vitest";
import { addKeypoints, mistake, type SkeletonDraft } from "./skeletonDraft";
import { TEMPLATES, withTemplate } from "./skeletonTemplates";

const empty: SkeletonDraft = { keypoints: [], edges: [], views: [] };

describe("skeleton templates", () => {
  it.each(TEMPLATES.map((one) => [one.title, one] as const))("%s holds as many keypoints as it says, each once, inside the picture", (title, template) => {
    const made = withTemplate(empty, template);
    expect(mistake(made)).toBeNull();
    expect(made.keypoints).toHaveLength(Number(/\((\d+)\)/.exec(title)?.[1]));
    for (const { place } of made.keypoints) {
      for (const share of [place?.x, place?.y]) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThan(1);
      }
    }
    const names = new Set(made.keypoints.map((keypoint) => keypoint.name));
    for (const edge of made.edges) expect(edge.every((name) => names.has(name)), edge.join(" to ")).toBe(true);
  });

  it("pair left and right by their names", () => {
    for (const template of TEMPLATES.filter((one) => one.id !== "hand")) {
      const sided = withTemplate(empty, template).keypoints.filter((keypoint) => /left|right|[LR]\d?$/.test(keypoint.name));
      for (const keypoint of sided) expect(keypoint.partner, keypoint.name).not.toBeNull();
    }
  });

  it("keep what a skeleton has", () => {
    const own = { ...addKeypoints(empty, ["nose", "my point"]), edges: [["my point", "nose"] as [string, string]] };
    const first = TEMPLATES[0];
    if (first === undefined) throw new Error("no template");
    const grown = withTemplate(own, first);
    expect(grown.keypoints.slice(0, 2).map((keypoint) => keypoint.name)).toEqual(["nose", "my point"]);
    expect(grown.edges[0]).toEqual(["my point", "nose"]);
    expect(grown.keypoints).toHaveLength(28);
  });
});
