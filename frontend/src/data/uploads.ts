/**
 * The uploads of this tab, outside React so that they go on while pages change. What is open is remembered in the
 * browser's storage: dropping the same file again after a reload continues it.
 */
import { useSyncExternalStore } from "react";

import type { components } from "@/api/schema";
import { type OpenUpload, sendFile, UploadRefused, type UploadServer } from "@/core/upload";

import { api, ok } from "./client";
import { asProblem, Problem } from "./problem";
import { queryClient } from "./queryClient";

export interface UploadItem {
  key: string;
  projectId: string;
  purpose: "video" | "import";
  name: string;
  size: number;
  sent: number;
  state: "waiting" | "sending" | "done" | "failed";
  error: Problem | null;
  uploadId: string | null;
}

type Reply = components["schemas"]["UploadOut"];

const at = (project_id: string, upload_id: string) => ({ params: { path: { project_id, upload_id } } });

const MEMORY = "tailbase.uploads";
const FILES_AT_ONCE = 2;
const DONE_SHOWN_MS = 8_000;

let items: readonly UploadItem[] = [];
const watchers = new Set<() => void>();
const files = new Map<string, { file: File; stop: AbortController; onDone: ((uploadId: string) => void) | undefined }>();

export const useUploads = () => useSyncExternalStore(subscribe, () => items);

function subscribe(watch: () => void) {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

function change(key: string, fields: Partial<UploadItem>): void {
  items = items.map((item) => (item.key === key ? { ...item, ...fields } : item));
  watchers.forEach((watch) => watch());
}

export function addUploads(projectId: string, chosen: File[], purpose: "video" | "import", onDone?: (uploadId: string) => void): void {
  const added = chosen.map((file): UploadItem => {
    const key = crypto.randomUUID();
    files.set(key, { file, stop: new AbortController(), onDone });
    return { key, projectId, purpose, name: file.name, size: file.size, sent: 0, state: "waiting", error: null, uploadId: null };
  });
  items = [...items, ...added];
  watchers.forEach((watch) => watch());
  next();
}

export function retryUpload(key: string): void {
  const held = files.get(key);
  if (held) held.stop = new AbortController();
  change(key, { state: "waiting", error: null });
  next();
}

/** Stops an upload and gives its bytes back. */
export function cancelUpload(key: string): void {
  const item = items.find((one) => one.key === key);
  files.get(key)?.stop.abort();
  dismissUpload(key);
  if (item?.uploadId && item.state !== "done") {
    forget(item);
    // Whether or not this reaches the server, an upload nobody continues expires there.
    void api.DELETE("/api/v1/projects/{project_id}/uploads/{upload_id}", at(item.projectId, item.uploadId)).catch(() => undefined);
  }
}

export function dismissUpload(key: string): void {
  files.delete(key);
  items = items.filter((item) => item.key !== key);
  watchers.forEach((watch) => watch());
}

function next(): void {
  const sending = items.filter((item) => item.state === "sending").length;
  for (const item of items.filter((one) => one.state === "waiting").slice(0, Math.max(0, FILES_AT_ONCE - sending))) {
    void run(item);
  }
}

async function run(item: UploadItem): Promise<void> {
  const held = files.get(item.key);
  if (!held) return;
  change(item.key, { state: "sending" });
  const { signal } = held.stop;
  try {
    const uploadId = await sendFile(held.file, serverFor(item, held.file), {
      signal,
      onProgress: (sent) => change(item.key, { sent }),
      onOpen: (id) => {
        change(item.key, { uploadId: id });
        remember(item, held.file, id);
        refreshVideos(item.projectId);
      },
    }, recalled(item, held.file));
    forget(item, held.file);
    change(item.key, { state: "done", sent: item.size });
    setTimeout(() => dismissUpload(item.key), DONE_SHOWN_MS);
    held.onDone?.(uploadId);
    refreshVideos(item.projectId);
  } catch (error) {
    if (!signal.aborted) change(item.key, { state: "failed", error: asProblem(error) });
  }
  next();
}

function refreshVideos(projectId: string): void {
  for (const list of ["videos", "project", "jobs"]) void queryClient.invalidateQueries({ queryKey: ["p", projectId, list] });
}

function serverFor(item: UploadItem, file: File): UploadServer {
  const opened = (reply: Reply): OpenUpload => ({
    uploadId: reply.upload_id,
    partBytes: reply.part_bytes,
    missing: reply.parts,
    receivedBytes: reply.received.reduce((sum, part) => sum + part.size, 0),
  });
  return {
    open: async () =>
      opened(
        await ok(
          api.POST("/api/v1/projects/{project_id}/uploads", {
            params: { path: { project_id: item.projectId } },
            body: { filename: file.name, size_bytes: file.size, purpose: item.purpose },
          }),
        ),
      ),
    reopen: async (id) => opened(await ok(api.GET("/api/v1/projects/{project_id}/uploads/{upload_id}", at(item.projectId, id)))),
    put: putPart,
    complete: async (id) => {
      await ok(api.POST("/api/v1/projects/{project_id}/uploads/{upload_id}/complete", at(item.projectId, id)));
    },
  };
}

/** XMLHttpRequest, because fetch does not tell how far an upload is. */
function putPart(url: string, body: Blob, signal: AbortSignal, onBytes: (sent: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      // An expired address (403) and a busy server are tried again with a fresh address.
      else if (request.status === 413 || request.status === 422) reject(new UploadRefused(`The server refused a part (${request.status}).`));
      else reject(new Error(`A part was not accepted (${request.status}).`));
    };
    request.onerror = () => reject(new Error("The connection broke while a part was sent."));
    request.onabort = () => reject(new Error("Stopped."));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

const fingerprint = (item: UploadItem, file: File) =>
  [item.projectId, item.purpose, file.name, file.size, file.lastModified].join("|");

function memory(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(MEMORY) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

function remember(item: UploadItem, file: File, uploadId: string): void {
  localStorage.setItem(MEMORY, JSON.stringify({ ...memory(), [fingerprint(item, file)]: uploadId }));
}

function recalled(item: UploadItem, file: File): string | undefined {
  return memory()[fingerprint(item, file)];
}

function forget(item: UploadItem, file = files.get(item.key)?.file): void {
  const kept = Object.entries(memory()).filter(([key, id]) => id !== item.uploadId && (!file || key !== fingerprint(item, file)));
  localStorage.setItem(MEMORY, JSON.stringify(Object.fromEntries(kept)));
}
