import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { api, ok } from "@/data/client";

import type { FrameQueue } from "./useFrameQueue";

/** Whether a later round of predictions is ready than the queue shows; the returned function brings it in. */
export function useNewPredictions(projectId: string, queue: FrameQueue): (() => void) | null {
  const prelabels = useQuery({
    // News of frames makes this old too: a round ends with one.
    queryKey: ["p", projectId, "frames", "rounds"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/prelabels", { params: { path: { project_id: projectId } } })),
  });
  const latest = prelabels.data?.rounds.filter((round) => round.state === "ready").reduce((most, round) => Math.max(most, round.number), 0);
  const [shown, setShown] = useState<number | null>(null);
  if (shown === null && latest !== undefined) setShown(latest);
  const { retry } = queue;
  const take = useCallback(() => {
    setShown(latest ?? null);
    retry();
  }, [latest, retry]);
  return latest === undefined || shown === null || latest <= shown ? null : take;
}
