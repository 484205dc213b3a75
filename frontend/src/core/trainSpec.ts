/** The settings of a training as a flat list of paths such as "losses.temporal": reading, checking, comparing. */

export type Value = string | number | boolean | null | readonly string[];

/** New values by path; an empty text is a number that is being typed. */
export type Changes = Readonly<Record<string, Value>>;

/** What a number may be, as the API tells it. */
export interface Bounds {
  kind: string;
  nullable: boolean;
  minimum?: number | null;
  maximum?: number | null;
  above?: number | null;
  below?: number | null;
  multiple_of?: number | null;
}

const isGroup = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** All settings with their paths. */
export function flatten(spec: object, prefix = ""): [string, Value][] {
  return Object.entries(spec).flatMap(([name, value]: [string, unknown]): [string, Value][] =>
    isGroup(value) ? flatten(value, `${prefix}${name}.`) : [[prefix + name, value as Value]],
  );
}

export function valueAt(spec: object, path: string): Value | undefined {
  return flatten(spec).find(([name]) => name === path)?.[1];
}

export function same(one: Value | undefined, other: Value | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The changes that change something, nested as the API takes them. */
export function differing(spec: object, changes: Changes): Record<string, unknown> {
  const before = new Map(flatten(spec));
  const made: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(changes)) {
    if (value === "" || same(before.get(path), value)) continue;
    const steps = path.split(".");
    const last = steps.pop() ?? path;
    let place = made;
    for (const step of steps) {
      const inner = isGroup(place[step]) ? place[step] : {};
      place[step] = inner;
      place = inner;
    }
    place[last] = value;
  }
  return made;
}

/** What is wrong with a value, in a sentence; null where nothing is. */
export function fault(bounds: Bounds, value: Value | undefined): string | null {
  if (value === null || value === undefined) return bounds.nullable || value === undefined ? null : "Give a value.";
  if (bounds.kind !== "number" && bounds.kind !== "integer") return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return "Give a number.";
  if (bounds.kind === "integer" && !Number.isInteger(value)) return "Give a whole number.";
  if (isNumber(bounds.minimum) && value < bounds.minimum) return `At least ${bounds.minimum}.`;
  if (isNumber(bounds.above) && value <= bounds.above) return `More than ${bounds.above}.`;
  if (isNumber(bounds.maximum) && value > bounds.maximum) return `At most ${bounds.maximum}.`;
  if (isNumber(bounds.below) && value >= bounds.below) return `Less than ${bounds.below}.`;
  if (isNumber(bounds.multiple_of) && value % bounds.multiple_of !== 0) return `A multiple of ${bounds.multiple_of}.`;
  return null;
}

const isNumber = (value: number | null | undefined): value is number => typeof value === "number";

/** Settings in which two trainings differ; undefined where one of them does not have it. */
export function differences(one: object, other: object): [string, Value | undefined, Value | undefined][] {
  const [left, right] = [new Map(flatten(one)), new Map(flatten(other))];
  const paths = [...new Set([...left.keys(), ...right.keys()])];
  return paths.filter((path) => !same(left.get(path), right.get(path))).map((path) => [path, left.get(path), right.get(path)]);
}
