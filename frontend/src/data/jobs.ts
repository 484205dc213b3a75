import { useQuery } from "@tanstack/react-query";

import { http } from "./http";
import { useChange, usePaged } from "./lists";
import { usePoll } from "./live";
import type { Job, JobState, Page } from "./types";

export const isActive = (state: JobState) => state === "waiting" || state === "queued" || state === "running" || state === "cancelling";

export interface JobFilter {
  state?: string | undefined;
  kind?: string | undefined;
}

export const useJobs = (project: string, filter: JobFilter = {}) =>
  usePaged(["p", project, "jobs", filter], (cursor) =>
    http.get<Page<Job>>(`/projects/${project}/jobs`, { ...filter, cursor, limit: 100 }),
  );

export function useJob(project: string, id: string | null | undefined) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "jobs", "one", id],
    queryFn: () => http.get<Job>(`/projects/${project}/jobs/${id ?? ""}`),
    enabled: id !== null && id !== undefined,
    // The log tail grows without news, so an open running job is asked for every two seconds.
    refetchInterval: (query) => (query.state.data && isActive(query.state.data.state) ? 2_000 : poll),
  });
}

export const useCancelJob = (project: string) =>
  useChange((id: string) => http.post(`/projects/${project}/jobs/${id}/cancel`), [["p", project, "jobs"], ["p", project, "models"]]);
