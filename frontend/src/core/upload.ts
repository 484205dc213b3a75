/**
 * Sends one file in parts: several at once, each tried again after a failure, only those the server lacks.
 * Knows neither React nor the API's addresses; `UploadServer` is what it needs of both.
 */

export interface PartTarget {
  number: number;
  url: string;
}

export interface OpenUpload {
  uploadId: string;
  partBytes: number;
  missing: PartTarget[];
  /** Bytes the server holds already. */
  receivedBytes: number;
}

export interface UploadServer {
  open(): Promise<OpenUpload>;
  /** Lists what is still missing, with fresh addresses. */
  reopen(uploadId: string): Promise<OpenUpload>;
  put(url: string, body: Blob, signal: AbortSignal, onBytes: (sent: number) => void): Promise<void>;
  complete(uploadId: string): Promise<void>;
}

export interface SendOptions {
  signal: AbortSignal;
  onProgress: (sentBytes: number) => void;
  onOpen?: (uploadId: string) => void;
  parallel?: number;
  attempts?: number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export class UploadRefused extends Error {
  override readonly name = "UploadRefused";
}

/** Waits before try `attempt` (from 1): 0.5 s, 1 s, 2 s ... at most 20 s. */
export const backoff = (attempt: number) => Math.min(20_000, 500 * 2 ** (attempt - 1));

export async function sendFile(file: Blob, server: UploadServer, options: SendOptions, resumeId?: string): Promise<string> {
  const { signal, attempts = 8, sleep = wait } = options;
  let upload = await opened(server, resumeId);
  options.onOpen?.(upload.uploadId);
  for (let attempt = 1; upload.missing.length > 0; attempt += 1) {
    const before = upload.missing.length;
    const failure = await sendParts(file, upload, server, options);
    if (failure === null) break;
    if (signal.aborted || failure instanceof UploadRefused) throw failure;
    await sleep(backoff(attempt), signal);
    upload = await reopened(upload, server);
    if (upload.missing.length < before) attempt = 0;
    if (attempt >= attempts) throw failure;
  }
  await server.complete(upload.uploadId);
  return upload.uploadId;
}

async function opened(server: UploadServer, resumeId: string | undefined): Promise<OpenUpload> {
  if (resumeId !== undefined) {
    try {
      return await server.reopen(resumeId);
    } catch {
      // It expired or was completed meanwhile: begin again.
    }
  }
  return server.open();
}

/** Addresses expire, so a list that cannot be fetched leaves the old one to be tried. */
async function reopened(upload: OpenUpload, server: UploadServer): Promise<OpenUpload> {
  try {
    return await server.reopen(upload.uploadId);
  } catch {
    return upload;
  }
}

/** Sends all missing parts; returns the first failure, after what was under way has ended. */
async function sendParts(file: Blob, upload: OpenUpload, server: UploadServer, options: SendOptions): Promise<Error | null> {
  const queue = [...upload.missing];
  const sent = new Map<number, number>();
  let failure: Error | null = null;
  const report = () => options.onProgress(upload.receivedBytes + [...sent.values()].reduce((a, b) => a + b, 0));
  const lane = async () => {
    for (let part = queue.shift(); part !== undefined && failure === null; part = queue.shift()) {
      const { number } = part;
      const body = file.slice((number - 1) * upload.partBytes, number * upload.partBytes);
      try {
        await server.put(part.url, body, options.signal, (bytes) => {
          sent.set(number, bytes);
          report();
        });
        sent.set(number, body.size);
        report();
      } catch (error) {
        sent.delete(number);
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: options.parallel ?? 3 }, lane));
  return failure;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
