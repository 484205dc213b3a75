import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { imagePoint } from "./geometry";
import { LabelSession, type LabelTransport, type SaveReply } from "./labelSession";
import { applyChanges, place, pointKey, type Changes, type Points } from "./labels";

const nose = pointKey("a", "nose");

/** A server with versions, one frame at a time, which can be made to fail. */
class Server implements LabelTransport {
  readonly frames = new Map<string, { version: number; points: Points }>();
  readonly saves: Changes[] = [];
  down = false;
  refusal: string | null = null;

  load(frameId: string): Promise<{ version: number; points: Points }> {
    return Promise.resolve(this.frames.get(frameId) ?? { version: 0, points: new Map() });
  }

  save(frameId: string, version: number, changes: Changes): Promise<SaveReply> {
    if (this.down) return Promise.reject(new Error("no network"));
    if (this.refusal !== null) return Promise.resolve({ kind: "refused", message: this.refusal });
    const now = this.frames.get(frameId) ?? { version: 0, points: new Map() };
    if (version !== now.version) {
      return Promise.resolve({ kind: "stale", ...now, changedKeys: [...now.points.keys()] });
    }
    const next = { version: now.version + 1, points: applyChanges(now.points, changes) };
    this.frames.set(frameId, next);
    this.saves.push(changes);
    return Promise.resolve({ kind: "saved", ...next });
  }
}

describe("a labelling session", () => {
  let server: Server;
  let session: LabelSession;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new Server();
    session = new LabelSession(server);
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
    expect(session.current().points.get(nose)?.x).toBe(5);
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
    server.frames.set("f1", { version: 4, points: place(pointKey("a", "tail"), imagePoint(8, 8)) as Points });
    session.apply(place(nose, imagePoint(1, 1)), "place");
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.frames.get("f1")?.points.size).toBe(2);
    expect(session.current().status).toBe("saved");
  });
});
