import { useQuery } from "@tanstack/react-query";

import { http } from "./http";
import { useChange, usePaged } from "./lists";
import { usePoll } from "./live";
import type { CurvePoint, Job, Model, Page, Preset, TrainSpec } from "./types";

export const usePresets = (project: string, enabled = true) =>
  useQuery({
    queryKey: ["p", project, "presets"],
    queryFn: () => http.get<Preset[]>(`/projects/${project}/presets`),
    enabled,
    staleTime: Infinity,
  });

export const useModels = (project: string) =>
  usePaged(["p", project, "models"], (cursor) => http.get<Page<Model>>(`/projects/${project}/models`, { cursor, limit: 100 }));

export function useModel(project: string, id: string) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "models", id],
    queryFn: () => http.get<Model>(`/projects/${project}/models/${id}`),
    refetchInterval: poll,
  });
}

/** The curve keeps its own short interval while the model trains: a metric is not news by itself. */
export const useCurve = (project: string, id: string, live: boolean) =>
  useQuery({
    queryKey: ["p", project, "curve", id, live],
    queryFn: () => http.get<CurvePoint[]>(`/projects/${project}/models/${id}/curves`),
    refetchInterval: live ? 2_000 : false,
    placeholderData: (previous) => previous,
  });

export interface Training {
  name?: string;
  preset: string;
  spec: Partial<TrainSpec>;
}

export const useTrain = (project: string, onDone: (reply: { model: Model; job: Job }) => void) =>
  useChange(
    (body: Training) => http.post<{ model: Model; job: Job }>(`/projects/${project}/models`, body),
    [["p", project, "models"], ["p", project, "jobs"], ["p", project, "project"]],
    { onDone },
  );

export const useRenameModel = (project: string) =>
  useChange(({ id, name }: { id: string; name: string }) => http.patch(`/projects/${project}/models/${id}`, { name }), [["p", project, "models"]]);

export const useDeleteModel = (project: string, onDone: (freed: number) => void) =>
  useChange(
    (id: string) => http.delete<{ bytes_freed: number }>(`/projects/${project}/models/${id}`),
    [["p", project, "models"], ["p", project, "predictions"], ["p", project, "project"]],
    { onDone: (reply) => onDone(reply.bytes_freed) },
  );
