import { useQuery } from "@tanstack/react-query";

import { api, ok } from "./client";
import { useChange, usePaged } from "./lists";
import { usePoll } from "./live";
import { saveFile } from "./saveFile";
import type { Model, Page } from "./types";

const at = (project_id: string) => ({ params: { path: { project_id } } });
const one = (project_id: string, model_id: string) => ({ params: { path: { project_id, model_id } } });

export const usePresets = (project: string) =>
  useQuery({
    queryKey: ["p", project, "presets"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/presets", at(project))),
    staleTime: Infinity,
  });

/** Every setting of a training, with its bounds and what it does. */
export const useTrainFields = (project: string) =>
  useQuery({
    queryKey: ["p", project, "train-fields"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/train-fields", at(project))),
    staleTime: Infinity,
  });

/** The document leaves spec and metrics free; their shapes are the library's. */
export const useModels = (project: string) =>
  usePaged(["p", project, "models", "list"], async (cursor) => {
    const params = { path: { project_id: project }, query: { cursor, limit: 100 } };
    return (await ok(api.GET("/api/v1/projects/{project_id}/models", { params }))) as Page<Model>;
  });

export function useModel(project: string, id: string) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "models", "one", id],
    queryFn: async () => (await ok(api.GET("/api/v1/projects/{project_id}/models/{model_id}", one(project, id)))) as Model,
    refetchInterval: poll,
  });
}

/** The curve keeps its own short interval while the model trains: a metric is not news by itself. */
export const useCurve = (project: string, id: string, live: boolean) =>
  useQuery({
    queryKey: ["p", project, "curve", id, live],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/models/{model_id}/curves", one(project, id))),
    refetchInterval: live ? 2_000 : false,
    placeholderData: (previous) => previous,
  });

export interface Training {
  name?: string;
  preset: string;
  /** The settings that differ from the preset's, nested as in a TrainSpec. */
  spec: Record<string, unknown>;
}

export const useTrain = (project: string, onDone: (reply: { model: { id: string } }) => void) =>
  useChange(
    (body: Training) => ok(api.POST("/api/v1/projects/{project_id}/models", { ...at(project), body })),
    [["p", project, "models"], ["p", project, "jobs"], ["p", project, "project"]],
    { onDone },
  );

export const useRenameModel = (project: string, onDone: () => void) =>
  useChange(
    ({ id, name }: { id: string; name: string }) =>
      ok(api.PATCH("/api/v1/projects/{project_id}/models/{model_id}", { ...one(project, id), body: { name } })),
    [["p", project, "models"]],
    { onDone },
  );

/** Saves each file of the model; the addresses are signed for a short time, so they are asked for when wanted. */
export async function downloadModel(project: string, id: string): Promise<void> {
  const { files } = await ok(api.GET("/api/v1/projects/{project_id}/models/{model_id}/download", one(project, id)));
  for (const file of files) saveFile(file.url, file.name);
}

export const useDeleteModel = (project: string, onDone: (freed: number) => void) =>
  useChange(
    (id: string) => ok(api.DELETE("/api/v1/projects/{project_id}/models/{model_id}", one(project, id))),
    [["p", project, "models"], ["p", project, "predictions"], ["p", project, "project"]],
    { onDone: (reply) => onDone(reply.bytes_freed) },
  );

/** Where a network sees its keypoints in one frame; the job's picture is laid over it. */
export const useDrawHeatmap = (project_id: string, model_id: string, onDone: (job: string) => void) =>
  useChange(
    (body: { video_id: string; frame: number; keypoint: string | null }) =>
      ok(api.POST("/api/v1/projects/{project_id}/models/{model_id}/heatmap", { params: { path: { project_id, model_id } }, body })),
    [["p", project_id, "jobs"]],
    { onDone: ({ job }) => onDone(job.id) },
  );
