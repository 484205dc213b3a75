/** Work that the server has not acknowledged, as it is written to the browser's own store. */

import { mergeChanges, type Changes, type Point, type PointKey } from "./labels";
import { isIdle, mergeWork, NO_WORK, opened, waiting, type Saving, type Work } from "./saving";

type Pairs = readonly (readonly [PointKey, Point | null])[];

/** Plain data, so that any store can hold it. */
export interface Kept {
  readonly frameId: string;
  /** When it was written, in milliseconds. */
  readonly at: number;
  readonly version: number | null;
  readonly changes: Pairs;
  readonly unsure: Pairs;
  readonly frameState: Work["frameState"];
  readonly effort: Work["effort"];
}

/** Where work is kept until the server has it. */
export interface Keeper {
  /** What earlier tabs left behind, from now on this tab's. */
  adopt(): Promise<readonly Kept[]>;
  /** Keep this of a frame, or nothing; rejects when the store does not take it. */
  put(frameId: string, kept: Kept | null): Promise<void>;
}

/** What of a frame must outlive the tab; null when the server has everything. */
export function keptOf(frameId: string, state: Saving, at: number): Kept | null {
  const work = waiting(state);
  if (isIdle(work)) return null;
  const unsure = mergeChanges(state.unsure, state.inFlight?.changes ?? new Map());
  return { frameId, at, version: state.version, changes: [...work.changes], unsure: [...unsure], frameState: work.frameState, effort: work.effort };
}

/** What several tabs left of one frame as one state that can be sent, the later edits on top. */
export function restored(all: readonly Kept[]): Saving {
  const inTurn = [...all].sort((a, b) => a.at - b.at);
  const work = inTurn.map((k): Work => ({ changes: new Map(k.changes), frameState: k.frameState, effort: k.effort }));
  const unsure = inTurn.map((k): Changes => new Map(k.unsure));
  const versions = inTurn.map((k) => k.version);
  const known = versions.filter((version) => version !== null);
  // The eldest version: everything that happened since is then compared.
  const version = known.length < versions.length ? null : Math.min(...known);
  return {
    ...opened(version, new Map()),
    pending: work.reduce(mergeWork, NO_WORK),
    unsure: unsure.reduce(mergeChanges, new Map()),
  };
}
