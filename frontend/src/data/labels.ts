/** Labels over HTTP: versions travel as ETag and If-Match. */

import { isSpent, type Effort } from "@/core/effort";
import { Away, type LabelTransport, type LoadedLabels, type SaveReply } from "@/core/labelSession";
import { pointKey, splitKey, type Changes, type PointKey, type Points, type PointState } from "@/core/labels";
import type { Work } from "@/core/saving";

import { problemFrom } from "./problem";

interface WirePoint {
  individual_id: string;
  keypoint_id: string;
  x: number | null;
  y: number | null;
  state: PointState;
  model_id?: string | null;
}

interface WireLabels {
  version: number;
  points: WirePoint[];
}

interface StaleBody {
  current: WireLabels;
  changed_keys: PointKey[];
}

export const toPoints = (points: WirePoint[]): Points =>
  new Map(points.map((p) => [pointKey(p.individual_id, p.keypoint_id), { x: p.x, y: p.y, state: p.state, modelId: p.model_id ?? null }]));

const toWire = (changes: Changes) =>
  [...changes].map(([key, point]) => {
    const { individual, keypoint } = splitKey(key);
    return {
      individual_id: individual,
      keypoint_id: keypoint,
      x: point?.x ?? null,
      y: point?.y ?? null,
      state: point?.state ?? null,
      model_id: point?.modelId ?? null,
    };
  });

const toWireEffort = (effort: Effort) => ({
  seconds: Math.min(effort.seconds, 86_400),
  clicks: effort.clicks,
  model_id: effort.modelId,
  confirmed: effort.confirmed,
  corrected: effort.corrected,
  correction_px: effort.correctionPx,
});

const bodyOf = ({ changes, frameState, effort }: Work) => ({
  changes: toWire(changes),
  ...(frameState === null ? {} : { frame_state: frameState }),
  ...(isSpent(effort) ? { effort: toWireEffort(effort) } : {}),
});

async function request(path: string, init: RequestInit): Promise<{ reply: Response; body: unknown }> {
  let reply: Response;
  try {
    reply = await fetch(`/api/v1${path}`, { ...init, credentials: "same-origin" });
  } catch {
    throw new Away("Tailbase cannot be reached.");
  }
  const body = (await reply.json().catch(() => null)) as unknown;
  // The server being away or busy passes, and so does having to sign in; anything else would be refused again.
  if (reply.status >= 500 || reply.status === 429 || reply.status === 401) {
    throw new Away(problemFrom(reply.status, body, reply.headers.get("X-Request-ID")).message);
  }
  return { reply, body };
}

async function save(path: string, version: number, work: Work): Promise<SaveReply> {
  const { reply, body } = await request(path, {
    method: "PATCH",
    headers: { "Content-Type": "application/json", "If-Match": `"v${version}"` },
    body: JSON.stringify(bodyOf(work)),
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
  return { kind: "refused", message: problemFrom(reply.status, body, reply.headers.get("X-Request-ID")).message };
}

/** The labels of a project, or a second rater's own, which leave the state of frames alone. */
export function labelTransport(projectId: string, own: boolean): LabelTransport {
  const path = (frameId: string) => `/projects/${projectId}/frames/${frameId}/labels${own ? "?own=true" : ""}`;
  return {
    load: (frameId) => load(path(frameId)),
    save: (frameId, version, work) => save(path(frameId), version, own ? { ...work, frameState: null } : work),
  };
}

async function load(path: string): Promise<LoadedLabels> {
  const { reply, body } = await request(path, { method: "GET" });
  if (!reply.ok) throw problemFrom(reply.status, body, reply.headers.get("X-Request-ID"));
  const labels = body as WireLabels;
  return { version: labels.version, points: toPoints(labels.points) };
}

/** What a second rater said about a frame. */
export const ratersPoints = async (projectId: string, frameId: string, rater: string): Promise<Points> =>
  (await load(`/projects/${projectId}/frames/${frameId}/labels?rater=${rater}`)).points;
