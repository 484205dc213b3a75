/** Which stroke does what: the keys actions come with, and the ones a person chose instead. */

interface Bound {
  readonly id: string;
  readonly keys: readonly string[];
}

/** By the action's id, the strokes chosen instead of its own; none at all switches its keys off. */
export type ChosenKeys = Readonly<Record<string, readonly string[]>>;

/** Strokes that browsers keep for themselves, or that would trap people who work without a mouse. */
const RESERVED = new Set(["Ctrl+W", "Ctrl+T", "Ctrl+N", "Ctrl+R", "Ctrl+L", "Escape", "F5", "F11", "F12"]);

const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "CapsLock", "Dead", "AltGraph"]);

/** Whether a stroke can be given to an action. */
export const isFree = (stroke: string): boolean =>
  !RESERVED.has(stroke) && !/^Ctrl\+\d$/.test(stroke) && !MODIFIERS.has(stroke.slice(stroke.lastIndexOf("+") + 1));

export const keysOf = (action: Bound, chosen: ChosenKeys): readonly string[] =>
  Object.hasOwn(chosen, action.id) ? (chosen[action.id] ?? []) : action.keys;

/** Give an action one stroke; whoever had it loses it. */
export function assign(actions: readonly Bound[], chosen: ChosenKeys, id: string, stroke: string): ChosenKeys {
  const next: Record<string, readonly string[]> = { ...chosen, [id]: [stroke] };
  for (const action of actions) {
    const keys = keysOf(action, chosen);
    if (action.id !== id && keys.includes(stroke)) next[action.id] = keys.filter((key) => key !== stroke);
  }
  return next;
}

export function strokeTable<Action extends Bound>(actions: readonly Action[], chosen: ChosenKeys): ReadonlyMap<string, Action> {
  return new Map(actions.flatMap((action) => keysOf(action, chosen).map((key) => [key, action] as const)));
}

/** Chosen keys from whatever was kept. */
export function chosenFrom(kept: unknown): ChosenKeys {
  if (typeof kept !== "object" || kept === null) return {};
  const valid = Object.entries(kept).filter((entry): entry is [string, string[]] => {
    const value: unknown = entry[1];
    return Array.isArray(value) && value.every((key) => typeof key === "string");
  });
  return Object.fromEntries(valid);
}
