import { describe, expect, test } from "vitest";

import { backoff, type OpenUpload, type SendOptions, sendFile, UploadRefused, type UploadServer } from "./upload";

const PART = 4;

/** A server in memory; `fails` says how often a part is refused before it is taken. */
class MemoryServer implements UploadServer {
  parts = new Map<number, string>();
  opens = 0;
  completed = false;
  constructor(
    private readonly size: number,
    private readonly fails = new Map<number, number>(),
    private readonly refusal: () => Error = () => new Error("connection reset"),
  ) {}

  private state(): OpenUpload {
    const total = Math.ceil(this.size / PART);
    const numbers = Array.from({ length: total }, (_, i) => i + 1).filter((n) => !this.parts.has(n));
    const receivedBytes = [...this.parts.values()].reduce((sum, part) => sum + part.length, 0);
    return { uploadId: "u1", partBytes: PART, missing: numbers.map((n) => ({ number: n, url: String(n) })), receivedBytes };
  }
  open() {
    this.opens += 1;
    return Promise.resolve(this.state());
  }
  reopen(id: string) {
    return id === "u1" ? Promise.resolve(this.state()) : Promise.reject(new Error("not found"));
  }
  async put(url: string, body: Blob, _signal: AbortSignal, onBytes: (sent: number) => void) {
    const number = Number(url);
    const left = this.fails.get(number) ?? 0;
    this.fails.set(number, left - 1);
    if (left > 0) throw this.refusal();
    onBytes(body.size);
    this.parts.set(number, await body.text());
  }
  complete() {
    this.completed = true;
    return Promise.resolve();
  }
  get content() {
    return [...this.parts.entries()].sort((a, b) => a[0] - b[0]).map(([, text]) => text).join("");
  }
}

const file = new Blob(["abcdefghijklmnopq"]);
const options = (over: Partial<SendOptions> = {}): SendOptions => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
  sleep: () => Promise.resolve(),
  ...over,
});

describe("sending a file in parts", () => {
  test("every byte arrives once, in order, and the upload is completed", async () => {
    const server = new MemoryServer(file.size);
    const progress: number[] = [];
    await sendFile(file, server, options({ onProgress: (n) => progress.push(n) }));
    expect(server.content).toBe("abcdefghijklmnopq");
    expect(server.completed).toBe(true);
    expect(progress.at(-1)).toBe(file.size);
  });

  test("a part that fails twice is sent again without sending the others again", async () => {
    const server = new MemoryServer(file.size, new Map([[3, 2]]));
    await sendFile(file, server, options());
    expect(server.content).toBe("abcdefghijklmnopq");
    expect(server.opens).toBe(1);
  });

  test("an upload begun before continues where it stood", async () => {
    const server = new MemoryServer(file.size);
    server.parts.set(1, "abcd");
    const progress: number[] = [];
    await sendFile(file, server, options({ onProgress: (n) => progress.push(n), parallel: 1 }), "u1");
    expect(server.opens).toBe(0);
    expect(progress[0]).toBe(8);
    expect(server.content).toBe("abcdefghijklmnopq");
  });

  test("an upload the server no longer knows is begun again", async () => {
    const server = new MemoryServer(file.size);
    await sendFile(file, server, options(), "gone");
    expect(server.opens).toBe(1);
  });

  test("a part that never succeeds ends the upload with its error", async () => {
    const server = new MemoryServer(file.size, new Map([[2, 1000]]));
    await expect(sendFile(file, server, options({ attempts: 3 }))).rejects.toThrow("connection reset");
    expect(server.completed).toBe(false);
  });

  test("a refusal is not tried again", async () => {
    const server = new MemoryServer(file.size, new Map([[1, 1]]), () => new UploadRefused("quota"));
    await expect(sendFile(file, server, options())).rejects.toThrow("quota");
  });

  test("the wait between tries doubles up to twenty seconds", () => {
    expect([1, 2, 3, 10].map(backoff)).toEqual([500, 1000, 2000, 20_000]);
  });
});
