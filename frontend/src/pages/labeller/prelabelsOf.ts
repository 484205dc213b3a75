import { pointKey } from "@/core/labels";
import { NO_PRELABELS, type Prelabels } from "@/core/prelabels";
import type { Frame } from "@/data/types";

/** What a model proposes for a frame, by keypoint. */
export function prelabelsOf(frame: Frame | null): Prelabels {
  const given = frame?.prelabel;
  if (given == null) return NO_PRELABELS;
  const points = given.points.map((p) => [pointKey(p.individual_id, p.keypoint_id), { x: p.x, y: p.y, likelihood: p.likelihood }] as const);
  return { modelId: given.model_id, points: new Map(points) };
}
