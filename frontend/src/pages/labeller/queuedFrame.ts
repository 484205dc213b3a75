import { pointKey } from "@/core/labels";
import { packer, type PackedPrelabels } from "@/core/prelabels";
import type { Frame, Page } from "@/data/types";

/** A frame as the queue keeps it. */
export type QueuedFrame = Omit<Frame, "prelabel"> & { readonly prelabel: PackedPrelabels | null };

const pack = packer();

/** A page of frames with their predictions packed. */
export function packed(page: Page<Frame>): Page<QueuedFrame> {
  const items = page.items.map((frame): QueuedFrame => {
    const given = frame.prelabel;
    if (given === null) return { ...frame, prelabel: null };
    const points = given.points.map((p) => [pointKey(p.individual_id, p.keypoint_id), p] as const);
    return { ...frame, prelabel: pack(given.model_id, points) };
  });
  return { ...page, items };
}
