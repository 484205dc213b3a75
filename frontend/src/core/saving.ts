/** Saving a frame's labels by version, as a pure state machine.
 *
 * Edits wait in `pending`; one request at a time carries `inFlight`. When someone else saved first, edits of other
 * points are put on top of theirs; a point both changed is a conflict, which a person decides.
 */

import { applyChanges, mergeChanges, samePoint, type Changes, type PointKey, type Points } from "./labels";

export interface Saving {
  /** What the server has acknowledged. */
  readonly version: number;
  readonly saved: Points;
  readonly pending: Changes;
  readonly inFlight: Changes | null;
  /** Points both sides changed, with what the other side says (null: cleared). */
  readonly conflicts: Changes;
  readonly failures: number;
}

export type SaveStatus = "saved" | "saving" | "unsaved" | "offline" | "conflict";

const NOTHING: Changes = new Map();

export const opened = (version: number, saved: Points): Saving => ({
  version,
  saved,
  pending: NOTHING,
  inFlight: null,
  conflicts: NOTHING,
  failures: 0,
});

/** What the person sees: the acknowledged points under their own edits. */
export const shown = (state: Saving): Points =>
  applyChanges(applyChanges(state.saved, state.inFlight ?? NOTHING), state.pending);

export const edited = (state: Saving, changes: Changes): Saving => ({
  ...state,
  pending: mergeChanges(state.pending, changes),
});

/** Take what is pending for a request; null when there is nothing to send or a request is under way. */
export function take(state: Saving): Saving | null {
  if (state.inFlight !== null || state.pending.size === 0 || state.conflicts.size > 0) return null;
  return { ...state, inFlight: state.pending, pending: NOTHING };
}

export const acknowledged = (state: Saving, version: number, saved: Points): Saving => ({
  ...state,
  version,
  saved,
  inFlight: null,
  failures: 0,
});

/** The request did not arrive, or its reply did not: send the same points again. */
export const failed = (state: Saving): Saving => ({
  ...state,
  pending: mergeChanges(state.inFlight ?? NOTHING, state.pending),
  inFlight: null,
  failures: state.failures + 1,
});

/** Someone saved first (412): keep what does not overlap, ask about what does. */
export function rebased(
  state: Saving,
  version: number,
  current: Points,
  changedKeys: readonly PointKey[],
): Saving {
  const mine = mergeChanges(state.inFlight ?? NOTHING, state.pending);
  const theirs = new Set(changedKeys);
  const clashes = [...mine].filter(([key, point]) => theirs.has(key) && !samePoint(point, current.get(key)));
  return {
    version,
    saved: current,
    pending: mine,
    inFlight: null,
    conflicts: new Map(clashes.map(([key]) => [key, current.get(key) ?? null])),
    failures: 0,
  };
}

/** The person decided every conflict one way: keep mine, or take theirs. */
export function resolved(state: Saving, keep: "mine" | "theirs"): Saving {
  const dropped = keep === "theirs" ? new Set(state.conflicts.keys()) : new Set<PointKey>();
  const pending = new Map([...state.pending].filter(([key]) => !dropped.has(key)));
  return { ...state, pending, conflicts: NOTHING };
}

export function status(state: Saving): SaveStatus {
  if (state.conflicts.size > 0) return "conflict";
  if (state.failures > 0) return "offline";
  if (state.inFlight !== null) return "saving";
  return state.pending.size > 0 ? "unsaved" : "saved";
}

/** Seconds to wait before the next try: quick at first, never longer than half a minute. */
export const retryDelay = (failures: number): number => Math.min(30, 0.5 * 2 ** Math.max(0, failures - 1));
