/** One person labelling: the frames they opened, what is saved, what can be undone. Knows no React and no HTTP. */

import { EMPTY_HISTORY, record, redo, undo, type Edit, type History } from "./history";
import { applyChanges, inverse, type Changes, type PointKey, type Points } from "./labels";
import * as saving from "./saving";

export type SaveReply =
  | { readonly kind: "saved"; readonly version: number; readonly points: Points }
  | { readonly kind: "stale"; readonly version: number; readonly points: Points; readonly changedKeys: readonly PointKey[] }
  | { readonly kind: "refused"; readonly message: string };

export interface LabelTransport {
  load(frameId: string): Promise<{ version: number; points: Points }>;
  /** Rejects when the network or the server fails; the session tries again. */
  save(frameId: string, version: number, changes: Changes): Promise<SaveReply>;
}

export interface SessionSnapshot {
  readonly frameId: string | null;
  readonly loading: boolean;
  readonly points: Points;
  readonly selected: PointKey | null;
  readonly status: saving.SaveStatus;
  readonly conflicts: Changes;
  readonly unsaved: number;
  readonly undoLabel: string | null;
  readonly redoLabel: string | null;
  readonly error: string | null;
}

const NO_POINTS: Points = new Map();

/** A burst of edits becomes one request. */
export const SAVE_DELAY_MS = 400;

export class LabelSession {
  private readonly frames = new Map<string, saving.Saving>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<() => void>();
  private history: History = EMPTY_HISTORY;
  private frameId: string | null = null;
  private selected: PointKey | null = null;
  private preview: Changes | null = null;
  private error: string | null = null;
  private snapshot: SessionSnapshot;

  constructor(private readonly transport: LabelTransport) {
    this.snapshot = this.makeSnapshot();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): SessionSnapshot => this.snapshot;

  /** The shown frame's points without the preview of a drag. */
  base(): Points {
    const state = this.frameId === null ? undefined : this.frames.get(this.frameId);
    return state === undefined ? NO_POINTS : saving.shown(state);
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
    if (this.frames.has(frameId)) return;
    try {
      const { version, points } = await this.transport.load(frameId);
      if (!this.frames.has(frameId)) this.frames.set(frameId, saving.opened(version, points));
    } catch (problem) {
      if (frameId === this.frameId) this.error = messageOf(problem);
    }
    this.changed();
  }

  select(key: PointKey | null): void {
    this.selected = key;
    this.changed();
  }

  /** Points while they are dragged: shown, neither kept nor undoable. */
  setPreview(changes: Changes | null): void {
    this.preview = changes;
    this.changed();
  }

  /** Keep what the preview shows as one edit. */
  commitPreview(label: string): void {
    const changes = this.preview;
    this.preview = null;
    if (changes !== null) this.apply(changes, label);
  }

  apply(changes: Changes, label: string): void {
    const state = this.frameId === null ? undefined : this.frames.get(this.frameId);
    if (this.frameId === null || state === undefined || changes.size === 0) return;
    const before = inverse(saving.shown(state), changes);
    this.history = record(this.history, { frameId: this.frameId, label, before, after: changes });
    this.put(this.frameId, changes);
  }

  /** Undo the last edit, wherever it was made; returns its frame so that the page can show it. */
  undo(): string | null {
    return this.travel(undo(this.history), (edit) => edit.before);
  }

  redo(): string | null {
    return this.travel(redo(this.history), (edit) => edit.after);
  }

  resolve(keep: "mine" | "theirs"): void {
    const state = this.frameId === null ? undefined : this.frames.get(this.frameId);
    if (this.frameId === null || state === undefined) return;
    this.frames.set(this.frameId, saving.resolved(state, keep));
    this.schedule(this.frameId, 0);
    this.changed();
  }

  /** Send everything that waits; resolves when each frame was tried once. */
  async flush(): Promise<void> {
    await Promise.all([...this.frames.keys()].map((frameId) => this.send(frameId)));
  }

  hasUnsaved(): boolean {
    return [...this.frames.values()].some((state) => saving.status(state) !== "saved");
  }

  destroy(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.listeners.clear();
  }

  private travel(step: { history: History; edit: Edit } | null, changes: (edit: Edit) => Changes): string | null {
    if (step === null) return null;
    this.history = step.history;
    this.put(step.edit.frameId, changes(step.edit));
    return step.edit.frameId;
  }

  private put(frameId: string, changes: Changes): void {
    const state = this.frames.get(frameId);
    if (state === undefined) return;
    this.frames.set(frameId, saving.edited(state, changes));
    this.error = null;
    this.schedule(frameId, SAVE_DELAY_MS);
    this.changed();
  }

  private schedule(frameId: string, delay: number): void {
    clearTimeout(this.timers.get(frameId));
    this.timers.set(
      frameId,
      setTimeout(() => void this.send(frameId), delay),
    );
  }

  private async send(frameId: string): Promise<void> {
    const state = this.frames.get(frameId);
    const taken = state === undefined ? null : saving.take(state);
    if (taken?.inFlight == null) return;
    this.frames.set(frameId, taken);
    this.changed();
    let next: saving.Saving;
    try {
      next = this.after(taken.inFlight, await this.transport.save(frameId, taken.version, taken.inFlight), frameId);
    } catch {
      next = saving.failed(this.frames.get(frameId) ?? taken);
    }
    this.frames.set(frameId, next);
    if (next.pending.size > 0 && this.error === null) {
      this.schedule(frameId, next.failures > 0 ? saving.retryDelay(next.failures) * 1000 : 0);
    }
    this.changed();
  }

  private after(sent: Changes, reply: SaveReply, frameId: string): saving.Saving {
    const state = this.frames.get(frameId) ?? saving.opened(0, NO_POINTS);
    if (reply.kind === "saved") return saving.acknowledged(state, reply.version, reply.points);
    if (reply.kind === "stale") return saving.rebased(state, reply.version, reply.points, reply.changedKeys);
    this.error = reply.message;
    // What the server refuses would be refused again: it is taken back, and the person is told.
    const kept = new Map([...state.pending].filter(([key]) => !sent.has(key)));
    return { ...state, inFlight: null, pending: kept };
  }

  private changed(): void {
    this.snapshot = this.makeSnapshot();
    for (const listener of this.listeners) listener();
  }

  private makeSnapshot(): SessionSnapshot {
    const state = this.frameId === null ? undefined : this.frames.get(this.frameId);
    const points = state === undefined ? NO_POINTS : saving.shown(state);
    const states = [...this.frames.values()];
    return {
      frameId: this.frameId,
      loading: this.frameId !== null && state === undefined && this.error === null,
      points: this.preview === null ? points : applyChanges(points, this.preview),
      selected: this.selected,
      status: worst(states.map(saving.status)),
      conflicts: state?.conflicts ?? NO_POINTS,
      unsaved: states.reduce((sum, s) => sum + s.pending.size + (s.inFlight?.size ?? 0), 0),
      undoLabel: this.history.done.at(-1)?.label ?? null,
      redoLabel: this.history.undone.at(-1)?.label ?? null,
      error: this.error,
    };
  }
}

const SEVERITY: readonly saving.SaveStatus[] = ["saved", "unsaved", "saving", "offline", "conflict"];

const worst = (all: readonly saving.SaveStatus[]): saving.SaveStatus =>
  all.reduce<saving.SaveStatus>((a, b) => (SEVERITY.indexOf(b) > SEVERITY.indexOf(a) ? b : a), "saved");

const messageOf = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));
