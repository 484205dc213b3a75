/** One person labelling: the frames they opened, what is saved, what can be undone. Knows no React and no HTTP. */

import type { Effort } from "./effort";
import { EMPTY_HISTORY, record, redo, undo, type Edit, type History } from "./history";
import { keptOf, restored, type Keeper, type Kept } from "./kept";
import { applyChanges, inverse, type Changes, type PointKey, type Points } from "./labels";
import * as saving from "./saving";

export type SaveReply =
  | { readonly kind: "saved"; readonly version: number; readonly points: Points }
  | { readonly kind: "stale"; readonly version: number; readonly points: Points; readonly changedKeys: readonly PointKey[] }
  | { readonly kind: "refused"; readonly message: string };

export interface LoadedLabels {
  readonly version: number;
  readonly points: Points;
}

/** The network or the server is away: whatever it was is tried again. */
export class Away extends Error {}

export interface LabelTransport {
  /** Rejects with Away when it is worth trying again. */
  load(frameId: string): Promise<LoadedLabels>;
  /** Rejects when the network or the server fails; the session tries again. */
  save(frameId: string, version: number, work: saving.Work): Promise<SaveReply>;
}

export interface SessionSnapshot {
  readonly frameId: string | null;
  readonly loading: boolean;
  /** How often the frame was saved, as far as is known here. */
  readonly version: number;
  /** Whether the frame's labels were read; without them edits are compared once they are. */
  readonly read: boolean;
  readonly points: Points;
  readonly selected: PointKey | null;
  readonly status: saving.SaveStatus;
  readonly conflicts: Changes;
  readonly unsaved: number;
  /** Whether what is not saved yet would outlive the tab; told while the server is away. */
  readonly safe: boolean;
  readonly undoLabel: string | null;
  readonly redoLabel: string | null;
  readonly error: string | null;
}

const NO_POINTS: Points = new Map();

/** A burst of edits becomes one request. */
export const SAVE_DELAY_MS = 400;
/** Frames with nothing to save beyond these are forgotten, so that a day of labelling stays small. */
export const MAX_FRAMES = 120;
/** Labels read longer ago are read again when their frame is opened: others work too. */
export const FRESH_MS = 10_000;

interface Opened {
  state: saving.Saving;
  readAt: number;
}

export class LabelSession {
  private readonly frames = new Map<string, Opened>();
  private readonly loads = new Map<string, Promise<void>>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<() => void>();
  private readonly drawers = new Set<() => void>();
  private history: History = EMPTY_HISTORY;
  private frameId: string | null = null;
  private selected: PointKey | null = null;
  private preview: Changes | null = null;
  private error: string | null = null;
  private storeWorks = true;
  private writesUnderWay = 0;
  private snapshot: SessionSnapshot;
  /** Nothing is read before what earlier tabs left is here: the two would have to be told apart later. */
  private readonly ready: Promise<void>;

  constructor(
    private readonly transport: LabelTransport,
    private readonly keeper: Keeper,
  ) {
    this.snapshot = this.makeSnapshot();
    this.ready = this.adopt();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): SessionSnapshot => this.snapshot;

  /** Called when the points to draw change: also while they are dragged, when the snapshot stays. */
  readonly onDraw = (drawer: () => void): (() => void) => {
    this.drawers.add(drawer);
    return () => this.drawers.delete(drawer);
  };

  /** The points with the preview of a drag. */
  drawn(): Points {
    const { points } = this.snapshot;
    return this.preview === null ? points : applyChanges(points, this.preview);
  }

  /** The points of a frame that is here; undefined for one that is not. */
  pointsOf(frameId: string): Points | undefined {
    const frame = this.frames.get(frameId);
    return frame === undefined ? undefined : saving.shown(frame.state);
  }

  /** Show a frame; its labels are fetched unless they are here. */
  async open(frameId: string): Promise<void> {
    this.frameId = frameId;
    this.preview = null;
    this.error = null;
    this.changed();
    await this.prefetch(frameId);
  }

  async prefetch(frameId: string): Promise<void> {
    const here = this.frames.get(frameId);
    if (here === undefined) await this.load(frameId);
    else if (frameId === this.frameId && Date.now() - here.readAt > FRESH_MS) void this.load(frameId);
  }

  select(key: PointKey | null): void {
    if (key === this.selected) return;
    this.selected = key;
    this.changed();
  }

  /** `select`, bound once. */
  readonly choose = (key: PointKey): void => this.select(key);

  /** Points while they are dragged: shown, neither kept nor undoable. */
  setPreview(changes: Changes | null): void {
    this.preview = changes;
    for (const drawer of this.drawers) drawer();
  }

  /** Keep what the preview shows as one edit. */
  commitPreview(label: string): void {
    const changes = this.preview;
    this.preview = null;
    if (changes !== null) this.apply(changes, label);
  }

  apply(changes: Changes, label: string): void {
    const frame = this.frameId === null ? undefined : this.frames.get(this.frameId);
    if (this.frameId === null || frame === undefined || changes.size === 0) return;
    const before = inverse(saving.shown(frame.state), changes);
    this.history = record(this.history, { frameId: this.frameId, label, before, after: changes });
    this.put(this.frameId, { changes }, SAVE_DELAY_MS);
  }

  /** Bring a frame into another state with the next save, which goes out at once. */
  setFrameState(frameId: string, frameState: saving.FrameState): void {
    this.put(frameId, { frameState }, 0);
  }

  /** Told with the next save of the frame. */
  addEffort(frameId: string, effort: Effort): void {
    const frame = this.frames.get(frameId);
    if (frame !== undefined) frame.state = saving.added(frame.state, { effort });
  }

  /** Undo the last edit, wherever it was made; returns its frame so that the page can show it. */
  undo(): string | null {
    return this.travel(undo(this.history), (edit) => edit.before);
  }

  redo(): string | null {
    return this.travel(redo(this.history), (edit) => edit.after);
  }

  resolve(keep: "mine" | "theirs"): void {
    const frame = this.frameId === null ? undefined : this.frames.get(this.frameId);
    if (this.frameId === null || frame === undefined) return;
    frame.state = saving.resolved(frame.state, keep);
    this.keep(this.frameId, frame.state);
    this.schedule(this.frameId, 0);
    this.changed();
  }

  /** Send everything that waits; resolves when each frame was tried once. */
  async flush(): Promise<void> {
    const unsaved = [...this.frames].filter(([, frame]) => !saving.isClean(frame.state));
    await Promise.all(unsaved.map(([frameId, { state }]) => (state.version === null ? this.load(frameId) : this.send(frameId))));
  }

  hasUnsaved(): boolean {
    return [...this.frames.values()].some(({ state }) => !saving.isClean(state));
  }

  destroy(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.listeners.clear();
    this.drawers.clear();
  }

  private travel(step: { history: History; edit: Edit } | null, changes: (edit: Edit) => Changes): string | null {
    if (step === null) return null;
    this.history = step.history;
    const { frameId } = step.edit;
    const work = { changes: changes(step.edit) };
    if (this.frames.has(frameId)) this.put(frameId, work, SAVE_DELAY_MS);
    else void this.load(frameId).then(() => this.put(frameId, work, SAVE_DELAY_MS));
    return frameId;
  }

  private put(frameId: string, work: Partial<saving.Work>, delay: number): void {
    const frame = this.frames.get(frameId);
    if (frame === undefined) return;
    frame.state = saving.added(frame.state, work);
    this.error = null;
    this.keep(frameId, frame.state);
    this.schedule(frameId, delay);
    this.changed();
  }

  private keep(frameId: string, state: saving.Saving): void {
    this.writesUnderWay += 1;
    const ended = (works: boolean) => (): void => {
      this.writesUnderWay -= 1;
      this.storeWorks = works;
      this.changed();
    };
    this.keeper.put(frameId, keptOf(frameId, state, Date.now())).then(ended(true), ended(false));
  }

  private schedule(frameId: string, delay: number): void {
    clearTimeout(this.timers.get(frameId));
    this.timers.set(
      frameId,
      setTimeout(() => {
        this.timers.delete(frameId);
        void (this.frames.get(frameId)?.state.version === null ? this.load(frameId) : this.send(frameId));
      }, delay),
    );
  }

  /** Reads the labels of a frame; edits made before they were here are compared with them. */
  private load(frameId: string): Promise<void> {
    const underWay = this.loads.get(frameId);
    if (underWay !== undefined) return underWay;
    const load = this.read(frameId).finally(() => this.loads.delete(frameId));
    this.loads.set(frameId, load);
    return load;
  }

  private async read(frameId: string): Promise<void> {
    await this.ready;
    try {
      this.arrived(frameId, await this.transport.load(frameId));
    } catch (problem) {
      if (problem instanceof Away) this.unread(frameId);
      else if (frameId === this.frameId) this.error = messageOf(problem);
    }
    this.changed();
  }

  private arrived(frameId: string, { version, points }: LoadedLabels): void {
    const here = this.frames.get(frameId);
    const readAt = Date.now();
    if (here === undefined || saving.isClean(here.state)) {
      // Effort that waits for the next save stays.
      const state = { ...saving.opened(version, points), pending: here?.state.pending ?? saving.NO_WORK };
      this.frames.set(frameId, { state, readAt });
      this.forgetOld();
    } else if (here.state.version === null) {
      const keys = new Set([...points.keys(), ...here.state.pending.changes.keys()]);
      const theirs = [...keys].filter((key) => points.has(key));
      this.frames.set(frameId, { state: saving.rebased(here.state, version, points, theirs), readAt });
      this.keep(frameId, this.stateOf(frameId));
      this.schedule(frameId, 0);
    } else if (here.readAt === 0 && version === here.state.version) {
      // Left by an earlier tab: the points under its edits were not known.
      this.frames.set(frameId, { state: { ...here.state, saved: points }, readAt });
    }
  }

  /** The labels cannot be read: the frame can still be worked on, and is compared once they can. */
  private unread(frameId: string): void {
    const here = this.frames.get(frameId);
    if (here === undefined && frameId !== this.frameId) return;
    const state = here?.state ?? saving.opened(null, NO_POINTS);
    if (state.version !== null) return;
    const failures = state.failures + 1;
    this.frames.set(frameId, { state: { ...state, failures }, readAt: 0 });
    this.schedule(frameId, saving.retryDelay(failures) * 1000);
  }

  /** Take over and send what earlier tabs could not. */
  private async adopt(): Promise<void> {
    const byFrame = new Map<string, Kept[]>();
    try {
      for (const kept of await this.keeper.adopt()) byFrame.set(kept.frameId, [...(byFrame.get(kept.frameId) ?? []), kept]);
    } catch {
      this.storeWorks = false;
      this.changed();
    }
    for (const [frameId, all] of byFrame) {
      this.frames.set(frameId, { state: restored(all), readAt: 0 });
      this.schedule(frameId, 0);
    }
    if (byFrame.size > 0) this.changed();
  }

  private forgetOld(): void {
    for (const [frameId, { state }] of this.frames) {
      if (this.frames.size <= MAX_FRAMES) return;
      if (frameId !== this.frameId && saving.isClean(state)) this.frames.delete(frameId);
    }
  }

  private stateOf(frameId: string): saving.Saving {
    return this.frames.get(frameId)?.state ?? saving.opened(null, NO_POINTS);
  }

  private async send(frameId: string): Promise<void> {
    const frame = this.frames.get(frameId);
    const taken = frame === undefined ? null : saving.take(frame.state);
    if (frame === undefined || taken === null) return;
    frame.state = taken;
    this.changed();
    try {
      frame.state = this.after(frame.state, await this.transport.save(frameId, taken.version, taken.inFlight));
    } catch {
      frame.state = saving.failed(frame.state);
    }
    this.keep(frameId, frame.state);
    if (!saving.isIdle(frame.state.pending)) {
      this.schedule(frameId, frame.state.failures > 0 ? saving.retryDelay(frame.state.failures) * 1000 : 0);
    }
    this.changed();
  }

  private after(state: saving.Saving, reply: SaveReply): saving.Saving {
    if (reply.kind === "saved") return saving.acknowledged(state, reply.version, reply.points);
    if (reply.kind === "stale") return saving.rebased(state, reply.version, reply.points, reply.changedKeys);
    // What the server refuses would be refused again: it is taken back, and the person is told.
    this.error = reply.message;
    return saving.refused(state);
  }

  private changed(): void {
    const next = this.makeSnapshot();
    // Frames around the open one are read and saved all the time: what is shown stays as it is.
    if (isSame(this.snapshot, next)) return;
    this.snapshot = next;
    for (const listener of this.listeners) listener();
    for (const drawer of this.drawers) drawer();
  }

  private makeSnapshot(): SessionSnapshot {
    const here = this.frameId === null ? undefined : this.frames.get(this.frameId);
    const states = [...this.frames.values()].map((frame) => frame.state);
    const status = worst(states.map(saving.status));
    return {
      frameId: this.frameId,
      loading: this.frameId !== null && here === undefined && this.error === null,
      version: here?.state.version ?? 0,
      read: here?.state.version !== null,
      points: here === undefined ? NO_POINTS : saving.shown(here.state),
      selected: this.selected,
      status,
      conflicts: here?.state.conflicts ?? NO_POINTS,
      unsaved: states.reduce((sum, state) => sum + worth(saving.waiting(state)), 0),
      // Elsewhere nobody reads it, and each key would draw the page twice more.
      safe: status !== "offline" || (this.storeWorks && this.writesUnderWay === 0),
      undoLabel: this.history.done.at(-1)?.label ?? null,
      redoLabel: this.history.undone.at(-1)?.label ?? null,
      error: this.error,
    };
  }
}

const isSame = (a: SessionSnapshot, b: SessionSnapshot): boolean =>
  (Object.keys(a) as (keyof SessionSnapshot)[]).every((name) => Object.is(a[name], b[name]));

/** Points that wait; a submitted frame without any counts as one. */
const worth = (work: saving.Work): number => work.changes.size || (work.frameState === null ? 0 : 1);

const SEVERITY: readonly saving.SaveStatus[] = ["saved", "unsaved", "saving", "offline", "conflict"];

const worst = (all: readonly saving.SaveStatus[]): saving.SaveStatus =>
  all.reduce<saving.SaveStatus>((a, b) => (SEVERITY.indexOf(b) > SEVERITY.indexOf(a) ? b : a), "saved");

const messageOf = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));
