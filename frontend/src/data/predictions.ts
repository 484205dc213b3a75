import { api, ok } from "./client";
import { useChange, usePaged } from "./lists";

export const usePredictions = (project: string) =>
  usePaged(["p", project, "predictions", "list"], (cursor) =>
    ok(api.GET("/api/v1/projects/{project_id}/predictions", { params: { path: { project_id: project }, query: { cursor, limit: 200 } } })),
  );

export const usePredict = (project: string, onDone: (reply: { jobs: unknown[] }) => void) =>
  useChange(
    (body: { model_id: string; video_ids: string[] }) =>
      ok(api.POST("/api/v1/projects/{project_id}/predictions", { params: { path: { project_id: project } }, body })),
    [["p", project, "predictions"], ["p", project, "jobs"]],
    { onDone },
  );
