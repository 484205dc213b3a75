import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { isPlaced, type PointKey, type Points } from "@/core/labels";
import { ratersPoints } from "@/data/labels";

import type { QueuedFrame } from "./queuedFrame";

export interface SecondOpinion {
  readonly points: Points;
  /** How far the two people's points lie apart, in pixels, where both have placed one. */
  readonly apart: ReadonlyMap<PointKey, number>;
}

/** What the second rater of a frame said, and how far that is from what is shown; null while nobody asks for it. */
export function useSecondOpinion(projectId: string, frame: QueuedFrame | null, points: Points, asked: boolean): SecondOpinion | null {
  const [frameId, rater] = [frame?.id ?? "", frame?.second_rater ?? ""];
  const second = useQuery({
    queryKey: ["p", projectId, "labels", "second", frameId, rater],
    queryFn: () => ratersPoints(projectId, frameId, rater),
    enabled: asked && rater !== "",
  }).data;
  return useMemo(() => (second === undefined || !asked ? null : { points: second, apart: apartOf(points, second) }), [second, asked, points]);
}

function apartOf(one: Points, other: Points): ReadonlyMap<PointKey, number> {
  const both = [...one].flatMap(([key, a]) => {
    const b = other.get(key);
    return isPlaced(a) && isPlaced(b) ? [[key, Math.hypot(a.x - b.x, a.y - b.y)] as const] : [];
  });
  return new Map(both);
}
