import { http } from "./http";
import { useChange, usePaged } from "./lists";
import type { Job, Page, Prediction } from "./types";

export const usePredictions = (project: string) =>
  usePaged(["p", project, "predictions"], (cursor) =>
    http.get<Page<Prediction>>(`/projects/${project}/predictions`, { cursor, limit: 200 }),
  );

export interface PredictReply {
  predictions: Prediction[];
  jobs: Job[];
  skipped: unknown[];
}

export const usePredict = (project: string, onDone: (reply: PredictReply) => void) =>
  useChange(
    (body: { model_id: string; video_ids: string[] }) => http.post<PredictReply>(`/projects/${project}/predictions`, body),
    [["p", project, "predictions"], ["p", project, "jobs"]],
    { onDone },
  );

export const useDeletePrediction = (project: string) =>
  useChange((id: string) => http.delete(`/projects/${project}/predictions/${id}`), [["p", project, "predictions"]]);
