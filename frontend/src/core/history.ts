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

/** Older edits are forgotten so that a day of labelling stays small. */
export const MAX_EDITS = 2000;

export const record = (history: History, edit: Edit): History => ({
  done: [...history.done.slice(-(MAX_EDITS - 1)), edit],
  undone: [],
});

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
