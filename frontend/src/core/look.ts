/** How one person likes the label page to look; kept between visits, so what is read back is checked. */

export interface Look {
  readonly names: boolean;
  readonly edges: boolean;
  /** Radius of a point in screen pixels. */
  readonly size: number;
  readonly color: "keypoint" | "animal";
  readonly brightness: number;
  readonly contrast: number;
  /** What a new frame shows: the whole image, what the last one showed, or the animal. */
  readonly zoom: "image" | "stay" | "animal";
  readonly wheel: "zoom" | "pan";
  /** Predictions at least this likely are taken over together; the others are visited one by one. */
  readonly sure: number;
}

export const USUAL: Look = {
  names: false,
  edges: true,
  size: 5,
  color: "keypoint",
  brightness: 1,
  contrast: 1,
  zoom: "image",
  wheel: "zoom",
  sure: 0.6,
};

const RANGES: Readonly<Record<"size" | "brightness" | "contrast" | "sure", readonly [number, number]>> = {
  size: [2, 14],
  brightness: [0.3, 3],
  contrast: [0.3, 3],
  sure: [0, 1],
};

const CHOICES = { color: ["keypoint", "animal"], zoom: ["image", "stay", "animal"], wheel: ["zoom", "pan"] } as const;

/** A look from whatever was kept; what is missing or makes no sense is as usual. */
export function lookFrom(kept: unknown): Look {
  const given: Readonly<Record<string, unknown>> = typeof kept === "object" && kept !== null ? { ...kept } : {};
  const flag = (name: "names" | "edges") => (typeof given[name] === "boolean" ? given[name] : USUAL[name]);
  const number = (name: keyof typeof RANGES) => {
    const [value, [low, high]] = [given[name], RANGES[name]];
    return typeof value === "number" && value >= low && value <= high ? value : USUAL[name];
  };
  const choice = <T extends string>(options: readonly T[], value: unknown, usual: T): T => options.find((one) => one === value) ?? usual;
  return {
    names: flag("names"),
    edges: flag("edges"),
    size: number("size"),
    color: choice(CHOICES.color, given.color, USUAL.color),
    brightness: number("brightness"),
    contrast: number("contrast"),
    zoom: choice(CHOICES.zoom, given.zoom, USUAL.zoom),
    wheel: choice(CHOICES.wheel, given.wheel, USUAL.wheel),
    sure: number("sure"),
  };
}
