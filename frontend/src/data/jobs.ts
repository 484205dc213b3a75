import { useQuery } from "@tanstack/react-query";

import { api, ok } from "./client";
import { useChange, usePaged } from "./lists";
import { usePoll } from "./live";
import type { Job, JobKind, JobState } from "./types";

export const JOB_STATES: readonly JobState[] = ["waiting", "queued", "running", "cancelling", "succeeded", "failed", "cancelled"];
export const JOB_KINDS: readonly JobKind[] = [
  "ingest",
  "proxy",
  "frames",
  "train",
  "predict",
  "ensemble",
  "prelabel",
  "evaluate",
  "heatmap",
  "import",
  "import_predictions",
  "calibration",
  "export",
];

export const isActive = (state: JobState) => ["waiting", "queued", "running", "cancelling"].includes(state);

export interface JobFilter {
  state?: JobState | undefined;
  kind?: JobKind | undefined;
}

export const useJobs = (project: string, filter: JobFilter = {}) =>
  usePaged(["p", project, "jobs", filter.state, filter.kind], (cursor) =>
    ok(
      api.GET("/api/v1/projects/{project_id}/jobs", {
        params: { path: { project_id: project }, query: { state: filter.state, kind: filter.kind, cursor, limit: 100 } },
      }),
    ),
  );

const at = (project_id: string, job_id: string) => ({ params: { path: { project_id, job_id } } });

export function useJob(project: string, id: string | null | undefined) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "jobs", "one", id],
    queryFn: async (): Promise<Job> => ok(api.GET("/api/v1/projects/{project_id}/jobs/{job_id}", at(project, id ?? ""))),
    enabled: id !== null && id !== undefined,
    // The log tail grows without news, so an open running job is asked for every two seconds.
    refetchInterval: (query) => (query.state.data && isActive(query.state.data.state) ? 2_000 : poll),
  });
}

export const useCancelJob = (project: string) =>
  useChange((id: string) => ok(api.POST("/api/v1/projects/{project_id}/jobs/{job_id}/cancel", at(project, id))), [
    ["p", project, "jobs"],
    ["p", project, "models"],
  ]);
