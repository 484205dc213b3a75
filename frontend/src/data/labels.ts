/** Labels over HTTP: versions travel as ETag and If-Match. */

import type { LabelTransport, SaveReply } from "@/core/labelSession";
import { pointKey, splitKey, type Changes, type PointKey, type Points, type PointState } from "@/core/labels";

import { problemFrom, unreachable } from "./problem";

interface WirePoint {
  individual_id: string;
  keypoint_id: string;
  x: number | null;
  y: number | null;
  state: PointState;
}

interface WireLabels {
  version: number;
  points: WirePoint[];
}

interface StaleBody {
  current: WireLabels;
  changed_keys: PointKey[];
}

const toPoints = (points: WirePoint[]): Points =>
  new Map(points.map((p) => [pointKey(p.individual_id, p.keypoint_id), { x: p.x, y: p.y, state: p.state }]));

const toWire = (changes: Changes) =>
  [...changes].map(([key, point]) => {
    const { individual, keypoint } = splitKey(key);
    return {
      individual_id: individual,
      keypoint_id: keypoint,
      x: point?.x ?? null,
      y: point?.y ?? null,
      state: point?.state ?? null,
    };
  });

async function request(path: string, init: RequestInit): Promise<{ reply: Response; body: unknown }> {
  let reply: Response;
  try {
    reply = await fetch(`/api/v1${path}`, { ...init, credentials: "same-origin" });
  } catch {
    throw unreachable();
  }
  return { reply, body: (await reply.json().catch(() => null)) as unknown };
}

async function save(path: string, version: number, changes: Changes): Promise<SaveReply> {
  const { reply, body } = await request(path, {
    method: "PATCH",
    headers: { "Content-Type": "application/json", "If-Match": `"v${version}"` },
    body: JSON.stringify({ changes: toWire(changes) }),
  });
  if (reply.ok) {
    const labels = body as WireLabels;
    return { kind: "saved", version: labels.version, points: toPoints(labels.points) };
  }
  if (reply.status === 412) {
    const stale = body as StaleBody;
    const { version: current, points } = stale.current;
    return { kind: "stale", version: current, points: toPoints(points), changedKeys: stale.changed_keys };
  }
  const problem = problemFrom(reply.status, body, reply.headers.get("X-Request-ID"));
  // The server being away or busy passes; anything else would be refused again.
  if (reply.status >= 500 || reply.status === 429 || reply.status === 401) throw problem;
  return { kind: "refused", message: problem.message };
}

export function labelTransport(projectId: string): LabelTransport {
  const path = (frameId: string) => `/projects/${projectId}/frames/${frameId}/labels`;
  return {
    async load(frameId) {
      const { reply, body } = await request(path(frameId), { method: "GET" });
      if (!reply.ok) throw problemFrom(reply.status, body, reply.headers.get("X-Request-ID"));
      const labels = body as WireLabels;
      return { version: labels.version, points: toPoints(labels.points) };
    },
    save: (frameId, version, changes) => save(path(frameId), version, changes),
  };
}
