import { useQuery } from "@tanstack/react-query";

import { api, ok } from "./client";
import { isActive } from "./jobs";
import { useChange, usePaged } from "./lists";
import { usePoll } from "./live";

const WATCH_MS = 2_000;

const of = (project_id: string, model_id: string) => ({ params: { path: { project_id, model_id } } });

/** Asked for again and again while a job measures the model. */
export function useEvaluation(project: string, model: string | undefined) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "models", "evaluation", model],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/models/{model_id}/evaluation", of(project, model ?? ""))),
    enabled: model !== undefined,
    refetchInterval: (query) => {
      const job = query.state.data?.job;
      return job !== null && job !== undefined && isActive(job.state) ? WATCH_MS : poll;
    },
  });
}

export const useMeasure = (project: string) =>
  useChange(
    (model: string) =>
      ok(api.POST("/api/v1/projects/{project_id}/models/{model_id}/evaluate", { ...of(project, model), body: { split: "current" } })),
    [["p", project, "models"], ["p", project, "jobs"]],
  );

export const useTracksOf = (project: string, model: string) =>
  usePaged(["p", project, "predictions", "tracks", model], (cursor) =>
    ok(
      api.GET("/api/v1/projects/{project_id}/models/{model_id}/tracks", {
        params: { path: { project_id: project, model_id: model }, query: { cursor, limit: 100 } },
      }),
    ),
  );

export const useTrack = (project: string, prediction: string) =>
  useQuery({
    queryKey: ["p", project, "predictions", "measures", prediction],
    queryFn: () =>
      ok(
        api.GET("/api/v1/projects/{project_id}/predictions/{prediction_id}/measures", {
          params: { path: { project_id: project, prediction_id: prediction } },
        }),
      ),
  });

export const useCompare = (project: string, onDone: (job: string) => void) =>
  useChange(
    (model_ids: string[]) =>
      ok(api.POST("/api/v1/projects/{project_id}/comparisons", { params: { path: { project_id: project } }, body: { model_ids } })),
    [["p", project, "jobs"]],
    { onDone: (reply) => onDone(reply.job.id) },
  );

export const useComparison = (project: string, job: string) =>
  useQuery({
    queryKey: ["p", project, "jobs", "comparison", job],
    queryFn: () =>
      ok(
        api.GET("/api/v1/projects/{project_id}/comparisons/{job_id}", {
          params: { path: { project_id: project, job_id: job } },
        }),
      ),
    refetchInterval: (query) => (query.state.data && isActive(query.state.data.job.state) ? WATCH_MS : false),
  });
