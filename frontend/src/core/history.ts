/** Undo and redo across frames, as a value. */

import type { Changes } from "./labels";

export interface Edit {
  readonly frameId: string;
  readonly label: string;
  readonly before: Changes;
  readonly after: Changes;
}

export interface History {
  readonly done: readonly Edit[];
  readonly undone: readonly Edit[];
}

export const EMPTY_HISTORY: History = { done: [], undone: [] };

/** Older edits are forgotten so that a day of labelling stays small: so many edits, and so many points in all of them. */
export const MAX_EDITS = 2000;
export const MAX_POINTS = 10_000;

export const record = (history: History, edit: Edit): History => ({ done: [...recent(history.done, edit.after.size), edit], undone: [] });

/** The last edits that fit beside one of `points` points. */
function recent(edits: readonly Edit[], points: number): readonly Edit[] {
  let held = points;
  let from = edits.length;
  for (let next = edits[from - 1]; next !== undefined && edits.length - from < MAX_EDITS - 1; next = edits[from - 1]) {
    held += next.after.size;
    if (held > MAX_POINTS) break;
    from -= 1;
  }
  return edits.slice(from);
}

export function undo(history: History): { history: History; edit: Edit } | null {
  const edit = history.done.at(-1);
  if (edit === undefined) return null;
  return { edit, history: { done: history.done.slice(0, -1), undone: [...history.undone, edit] } };
}

export function redo(history: History): { history: History; edit: Edit } | null {
  const edit = history.undone.at(-1);
  if (edit === undefined) return null;
  return { edit, history: { done: [...history.done, edit], undone: history.undone.slice(0, -1) } };
}
