/** Saving a frame's labels by version, as a pure state machine.
 *
 * Work waits in `pending`; one request at a time carries `inFlight`. When someone else saved first, edits of other
 * points are put on top of theirs; a point both changed is a conflict, which a person decides.
 */

import { addEffort, NO_EFFORT, type Effort } from "./effort";
import { applyChanges, mergeChanges, samePoint, type Changes, type PointKey, type Points } from "./labels";

export type FrameState = "todo" | "draft" | "submitted" | "accepted";

/** What one request carries. */
export interface Work {
  readonly changes: Changes;
  readonly frameState: FrameState | null;
  readonly effort: Effort;
}

export interface Saving {
  /** What the server has acknowledged; null while its labels have never been read. */
  readonly version: number | null;
  readonly saved: Points;
  readonly pending: Work;
  readonly inFlight: Work | null;
  /** Sent, but the reply was lost: they may be saved or not. */
  readonly unsure: Changes;
  /** Points both sides changed, with what the other side says (null: cleared). */
  readonly conflicts: Changes;
  readonly failures: number;
}

export type SaveStatus = "saved" | "saving" | "unsaved" | "offline" | "conflict";

const NOTHING: Changes = new Map();

export const NO_WORK: Work = { changes: NOTHING, frameState: null, effort: NO_EFFORT };

export const mergeWork = (first: Work, second: Work): Work => ({
  changes: mergeChanges(first.changes, second.changes),
  frameState: second.frameState ?? first.frameState,
  effort: addEffort(first.effort, second.effort),
});

/** Effort alone is not worth a request: it travels with the next change. */
export const isIdle = (work: Work | null): boolean => work === null || (work.changes.size === 0 && work.frameState === null);

export const opened = (version: number | null, saved: Points): Saving => ({
  version,
  saved,
  pending: NO_WORK,
  inFlight: null,
  unsure: NOTHING,
  conflicts: NOTHING,
  failures: 0,
});

const shownOf = new WeakMap<Saving, Points>();

/** What the person sees: the acknowledged points under their own edits; the same map for the same state. */
export function shown(state: Saving): Points {
  const known = shownOf.get(state);
  if (known !== undefined) return known;
  const { changes } = waiting(state);
  const points = changes.size === 0 ? state.saved : applyChanges(state.saved, changes);
  shownOf.set(state, points);
  return points;
}

export const added = (state: Saving, work: Partial<Work>): Saving => ({
  ...state,
  pending: mergeWork(state.pending, { ...NO_WORK, ...work }),
});

export const edited = (state: Saving, changes: Changes): Saving => added(state, { changes });

/** Everything the server has not acknowledged. */
export const waiting = (state: Saving): Work =>
  state.inFlight === null ? state.pending : mergeWork(state.inFlight, state.pending);

/** Take what is pending for a request; null when there is nothing to send or a request is under way. */
export function take(state: Saving): (Saving & { readonly version: number; readonly inFlight: Work }) | null {
  const { version, pending } = state;
  if (version === null || state.inFlight !== null || isIdle(pending) || state.conflicts.size > 0) return null;
  return { ...state, version, inFlight: pending, pending: NO_WORK };
}

export const acknowledged = (state: Saving, version: number, saved: Points): Saving => ({
  ...state,
  version,
  saved,
  inFlight: null,
  unsure: NOTHING,
  failures: 0,
});

/** The request did not arrive, or its reply did not: send the same points again. */
export const failed = (state: Saving): Saving => ({
  ...state,
  pending: waiting(state),
  unsure: mergeChanges(state.unsure, state.inFlight?.changes ?? NOTHING),
  inFlight: null,
  failures: state.failures + 1,
});

/** Someone saved first (412), or the labels were read late: keep what does not overlap, ask about what does.
 *
 * A point that stands on the server as this person sent it is theirs: the reply to that save was lost.
 */
export function rebased(state: Saving, version: number, current: Points, changedKeys: readonly PointKey[]): Saving {
  const mine = waiting(state);
  const theirs = new Set(changedKeys);
  const changes = [...mine.changes].filter(([key, point]) => !samePoint(point, current.get(key)));
  const sent = (key: PointKey) => state.unsure.has(key) && samePoint(state.unsure.get(key), current.get(key));
  const clashes = changes.filter(([key]) => theirs.has(key) && !sent(key));
  const arrived = mine.changes.size > 0 && changes.length === 0;
  return {
    version,
    saved: current,
    pending: { ...mine, changes: new Map(changes), effort: arrived ? NO_EFFORT : mine.effort },
    inFlight: null,
    unsure: NOTHING,
    conflicts: new Map(clashes.map(([key]) => [key, current.get(key) ?? null])),
    failures: 0,
  };
}

/** The server will not take what was sent: it is taken back. */
export function refused(state: Saving): Saving {
  const sent = state.inFlight?.changes ?? NOTHING;
  const kept = new Map([...state.pending.changes].filter(([key]) => !sent.has(key)));
  return { ...state, inFlight: null, unsure: NOTHING, failures: 0, pending: { ...state.pending, changes: kept } };
}

/** The person decided every conflict one way: keep mine, or take theirs. */
export function resolved(state: Saving, keep: "mine" | "theirs"): Saving {
  const dropped = keep === "theirs" ? new Set(state.conflicts.keys()) : new Set<PointKey>();
  const changes = new Map([...state.pending.changes].filter(([key]) => !dropped.has(key)));
  return { ...state, pending: { ...state.pending, changes }, conflicts: NOTHING };
}

export const isClean = (state: Saving): boolean => isIdle(state.pending) && state.inFlight === null && state.conflicts.size === 0;

export function status(state: Saving): SaveStatus {
  if (state.conflicts.size > 0) return "conflict";
  if (state.failures > 0) return "offline";
  if (state.inFlight !== null) return "saving";
  return isIdle(state.pending) ? "saved" : "unsaved";
}

/** Seconds to wait before the next try: quick at first, never longer than half a minute. */
export const retryDelay = (failures: number): number => Math.min(30, 0.5 * 2 ** Math.max(0, failures - 1));
