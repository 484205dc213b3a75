import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { imagePoint } from "./geometry";
import { Away, LabelSession, type LabelTransport, type SaveReply } from "./labelSession";
import type { Keeper, Kept } from "./kept";
import { applyChanges, place, pointKey, type Changes, type PointKey, type Points } from "./labels";
import type { Work } from "./saving";

const nose = pointKey("a", "nose");

/** A server with versions, which can be made to fail. Like ours it knows which points changed since a version. */
class Server implements LabelTransport {
  readonly frames = new Map<string, { version: number; points: Points }>();
  readonly saves: { frameId: string; work: Work }[] = [];
  readonly events: { frameId: string; version: number; changes: Changes }[] = [];
  down = false;
  /** The next save arrives, but its reply does not. */
  losesReply = false;
  refusal: string | null = null;

  load(frameId: string): Promise<{ version: number; points: Points }> {
    if (this.down) return Promise.reject(new Away("no network"));
    return Promise.resolve(this.now(frameId));
  }

  save(frameId: string, version: number, work: Work): Promise<SaveReply> {
    if (this.down) return Promise.reject(new Error("no network"));
    if (this.refusal !== null) return Promise.resolve({ kind: "refused", message: this.refusal });
    const now = this.now(frameId);
    if (version !== now.version) {
      const since = this.events.filter((event) => event.frameId === frameId && event.version > version);
      return Promise.resolve({ kind: "stale", ...now, changedKeys: [...new Set(since.flatMap((event) => [...event.changes.keys()]))] });
    }
    const next = this.commit(frameId, work);
    if (!this.losesReply) return Promise.resolve({ kind: "saved", ...next });
    this.losesReply = false;
    return Promise.reject(new Error("the reply was lost"));
  }

  commit(frameId: string, work: Work): { version: number; points: Points } {
    const now = this.now(frameId);
    const next = { version: now.version + 1, points: applyChanges(now.points, work.changes) };
    this.frames.set(frameId, next);
    this.saves.push({ frameId, work });
    this.events.push({ frameId, version: next.version, changes: work.changes });
    return next;
  }

  private now(frameId: string) {
    return this.frames.get(frameId) ?? { version: 0, points: new Map() };
  }
}

/** What outlives a tab. */
class Store implements Keeper {
  readonly kept = new Map<string, Kept>();

  adopt(): Promise<readonly Kept[]> {
    return Promise.resolve([...this.kept.values()]);
  }

  /** While it is set, writes wait for `written`. */
  slow = false;
  written: (() => void)[] = [];

  put(frameId: string, kept: Kept | null): Promise<void> {
    if (kept === null) this.kept.delete(frameId);
    else this.kept.set(frameId, structuredClone(kept));
    return this.slow ? new Promise((resolve) => this.written.push(resolve)) : Promise.resolve();
  }
}

const by = (changes: Changes): Work => ({
  changes,
  frameState: null,
  effort: { seconds: 0, clicks: 0, modelId: null, confirmed: 0, corrected: 0, correctionPx: 0 },
});

describe("a labelling session", () => {
  let server: Server;
  let store: Store;
  let session: LabelSession;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new Server();
    store = new Store();
    session = new LabelSession(server, store);
    await session.open("f1");
  });

  afterEach(() => {
    session.destroy();
    vi.useRealTimers();
  });

  it("saves by itself, a burst of edits in one request", async () => {
    session.apply(place(nose, imagePoint(1, 1)), "place");
    session.apply(place(nose, imagePoint(2, 2)), "move");
    expect(session.current().status).toBe("unsaved");
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.saves).toHaveLength(1);
    expect(server.frames.get("f1")?.points.get(nose)?.x).toBe(2);
    expect(session.current().status).toBe("saved");
    expect(session.hasUnsaved()).toBe(false);
  });

  it("tells nothing when a frame is read ahead: what is shown stays the same", async () => {
    const told = vi.fn();
    const shown = session.current();
    session.subscribe(told);
    await session.prefetch("f2");
    expect(session.pointsOf("f2")?.size).toBe(0);
    expect(told).not.toHaveBeenCalled();
    expect(session.current()).toBe(shown);
  });

  it("keeps edits while the server is away and saves them when it is back", async () => {
    server.down = true;
    session.apply(place(nose, imagePoint(1, 1)), "place");
    await vi.advanceTimersByTimeAsync(3000);
    expect(session.current().status).toBe("offline");
    expect(session.current().unsaved).toBe(1);
    server.down = false;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(session.current().status).toBe("saved");
    expect(server.frames.get("f1")?.points.get(nose)?.x).toBe(1);
  });

  it("says that edits outlive the tab only once the browser has written them", async () => {
    server.down = true;
    session.apply(place(nose, imagePoint(1, 1)), "place");
    await vi.advanceTimersByTimeAsync(500);
    expect(session.current()).toMatchObject({ status: "offline", safe: true });
    store.slow = true;
    session.apply(place(nose, imagePoint(2, 2)), "move");
    expect(session.current().safe).toBe(false);
    for (const written of store.written) written();
    await vi.advanceTimersByTimeAsync(0);
    expect(session.current().safe).toBe(true);
  });

  it("undoes on the frame where the edit was made", async () => {
    session.apply(place(nose, imagePoint(1, 1)), "place");
    await session.open("f2");
    expect(session.undo()).toBe("f1");
    await session.open("f1");
    expect(session.current().points.size).toBe(0);
    expect(session.redo()).toBe("f1");
    expect(session.current().points.get(nose)?.x).toBe(1);
  });

  it("shows a drag without keeping it, and keeps the drop as one edit", () => {
    session.setPreview(place(nose, imagePoint(5, 5)));
    expect(session.drawn().get(nose)?.x).toBe(5);
    expect(session.current().points.size).toBe(0);
    expect(session.current().undoLabel).toBeNull();
    session.commitPreview("move");
    expect(session.current().undoLabel).toBe("move");
  });

  it("takes back what the server refuses and says why", async () => {
    server.refusal = "The point lies outside the image.";
    session.apply(place(nose, imagePoint(1e6, 1)), "place");
    await vi.advanceTimersByTimeAsync(1000);
    expect(session.current().points.size).toBe(0);
    expect(session.current().error).toContain("outside");
  });

  it("merges with a second person who labelled another point", async () => {
    server.commit("f1", by(place(pointKey("a", "tail"), imagePoint(8, 8))));
    session.apply(place(nose, imagePoint(1, 1)), "place");
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.frames.get("f1")?.points.size).toBe(2);
    expect(session.current().status).toBe("saved");
  });

  it("submits a frame with its last points, without waiting", async () => {
    session.apply(place(nose, imagePoint(1, 1)), "place");
    session.setFrameState("f1", "submitted");
    void session.open("f2");
    await vi.advanceTimersByTimeAsync(100);
    expect(server.saves).toHaveLength(1);
    expect(server.saves[0]?.work.frameState).toBe("submitted");
  });

  it("keeps what a killed tab did not send, and sends it once from the next", async () => {
    server.down = true;
    for (let x = 0; x < 10; x++) {
      await session.open(`f${x}`);
      for (const name of ["nose", "tail", "paw"]) session.apply(place(pointKey("a", name), imagePoint(x, 1)), "place");
    }
    await vi.advanceTimersByTimeAsync(5000);
    session.destroy();
    server.down = false;
    const next = new LabelSession(server, store);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(next.hasUnsaved()).toBe(false);
    expect([...server.frames.values()].reduce((sum, { points }) => sum + points.size, 0)).toBe(30);
    expect(server.saves).toHaveLength(10);
    expect(store.kept.size).toBe(0);
    next.destroy();
  });

  it("does not send twice what had arrived when the tab was killed", async () => {
    server.losesReply = true;
    session.apply(place(nose, imagePoint(1, 1)), "place");
    await vi.advanceTimersByTimeAsync(450);
    expect(server.saves).toHaveLength(1);
    session.destroy();
    const next = new LabelSession(server, store);
    await vi.advanceTimersByTimeAsync(5000);
    expect(server.saves).toHaveLength(1);
    expect(next.current().status).toBe("saved");
    expect(store.kept.size).toBe(0);
    next.destroy();
  });

  it("asks about points that turn out to be labelled when the labels could not be read", async () => {
    server.commit("f9", by(place(nose, imagePoint(7, 7))));
    server.down = true;
    await session.open("f9");
    expect(session.current().read).toBe(false);
    session.apply(new Map([...place(nose, imagePoint(1, 1)), ...place(pointKey("a", "tail"), imagePoint(2, 2))]), "place");
    server.down = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([...session.current().conflicts.keys()]).toEqual([nose]);
    session.resolve("theirs");
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.frames.get("f9")?.points.get(nose)?.x).toBe(7);
    expect(server.frames.get("f9")?.points.size).toBe(2);
  });

  it("forgets frames that are saved, never those that are not", async () => {
    session.apply(place(nose, imagePoint(1, 1)), "place");
    server.down = true;
    await vi.advanceTimersByTimeAsync(1000);
    server.down = false;
    for (let x = 0; x < 300; x++) await session.prefetch(`far ${x}`);
    expect(session.pointsOf("f1")?.size).toBe(1);
    expect(session.pointsOf("far 0")).toBeUndefined();
    expect(session.pointsOf("far 299")).toBeDefined();
  });
});

/** Repeatable draws. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

describe("two people on one frame, with a network that fails and tabs that die", () => {
  afterEach(() => vi.useRealTimers());
  const keys = ["nose", "tail", "paw", "ear"].map((name) => pointKey("a", name));

  it.each(Array.from({ length: 40 }, (_, seed) => seed))("never lose an edit that nobody overwrote knowingly (order %i)", async (seed) => {
    vi.useFakeTimers();
    const draw = draws(seed);
    const server = new Server();
    const stores = [new Store(), new Store()] as const;
    const start = async (who: 0 | 1) => {
      const session = new LabelSession(server, stores[who]);
      await session.open("f");
      return session;
    };
    const people = [await start(0), await start(1)];
    /** Each point's last value a person saw accepted or decided for; what is on the server must be one of these. */
    const wanted = new Map<PointKey, Set<number>>(keys.map((key) => [key, new Set()]));
    for (let step = 1; step <= 60; step++) {
      const who = draw(2) as 0 | 1;
      const session = people[who];
      const key = keys[draw(keys.length)];
      if (session === undefined || key === undefined) continue;
      switch (draw(8)) {
        case 0:
          server.down = !server.down;
          break;
        case 1:
          server.losesReply = true;
          break;
        case 2:
          session.destroy();
          people[who] = await start(who);
          break;
        case 3:
          session.resolve(draw(2) === 0 ? "mine" : "theirs");
          break;
        default:
          session.apply(place(key, imagePoint(step, who)), "place");
          wanted.get(key)?.add(step);
      }
      await vi.advanceTimersByTimeAsync(draw(1500));
    }
    server.down = false;
    for (let round = 0; round < 12; round++) {
      await vi.advanceTimersByTimeAsync(31_000);
      for (const session of people) session.resolve("mine");
    }
    const end: Points = server.frames.get("f")?.points ?? new Map();
    for (const session of people) {
      expect(session.hasUnsaved()).toBe(false);
      session.destroy();
    }
    for (const [key, values] of wanted) {
      if (values.size > 0) expect([...values]).toContain(end.get(key)?.x);
      // Each value reached the server once: nothing was replayed over what came after it.
      const told = server.events.map((event) => event.changes.get(key)?.x).filter((x) => x !== undefined);
      expect(new Set(told).size).toBe(told.length);
    }
    expect(stores.map((one) => one.kept.size)).toEqual([0, 0]);
  });
});
