import { useQuery } from "@tanstack/react-query";

import { api, ok } from "./client";
import { useChange } from "./lists";
import { usePoll } from "./live";
import type { Prelabels } from "./types";

const at = (project_id: string) => ({ params: { path: { project_id } } });

/** Under the key of frames: a round's end is news about frames. */
export function usePrelabels(project: string) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "frames", "prelabels"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/prelabels", at(project))),
    refetchInterval: poll,
  });
}

export const useSetPrelabels = (project: string) =>
  useChange(
    (body: Prelabels["settings"]) => ok(api.PUT("/api/v1/projects/{project_id}/prelabels/settings", { ...at(project), body })),
    [["p", project, "frames"], ["p", project, "jobs"]],
  );

export const useBeginRound = (project: string) =>
  useChange(() => ok(api.POST("/api/v1/projects/{project_id}/prelabels/rounds", at(project))), [
    ["p", project, "frames"],
    ["p", project, "jobs"],
  ]);

export const useProgress = (project: string) =>
  useQuery({
    queryKey: ["p", project, "frames", "progress"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/progress", at(project))),
  });

export const useRaters = (project: string) =>
  useQuery({
    queryKey: ["p", project, "frames", "raters"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/raters", at(project))),
  });

export const useLabelFindings = (project: string) =>
  useQuery({
    queryKey: ["p", project, "frames", "checks"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/label-checks", at(project))),
  });

export interface Assignment {
  assignee: string | null;
  frame_ids: string[];
  second: boolean;
}

export const useAssign = (project: string, onDone: (assigned: number) => void) =>
  useChange(
    async (body: Assignment) =>
      (await ok(api.POST("/api/v1/projects/{project_id}/frames/assign", { ...at(project), body: { ...body, count: 0 } }))).assigned,
    [["p", project, "frames"]],
    { onDone },
  );
