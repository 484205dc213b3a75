import { useQuery } from "@tanstack/react-query";

import { api, ok } from "./client";
import { useChange, usePaged } from "./lists";
import { usePoll } from "./live";
import type { Ensemble, Smoother, SmoothSpec } from "./types";

const at = (project_id: string) => ({ params: { path: { project_id } } });
const one = (project_id: string, ensemble_id: string) => ({ params: { path: { project_id, ensemble_id } } });
const touched = (project: string) => ["ensembles", "models", "predictions", "jobs", "project"].map((list) => ["p", project, list]);

export const useEnsembles = (project: string) =>
  usePaged(["p", project, "ensembles", "list"], (cursor) =>
    ok(api.GET("/api/v1/projects/{project_id}/ensembles", { params: { path: { project_id: project }, query: { cursor, limit: 100 } } })),
  );

export function useEnsemble(project: string, id: string) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "ensembles", "one", id],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/ensembles/{ensemble_id}", one(project, id))),
    refetchInterval: poll,
  });
}

/** The ways to smooth, and which of them suits this project. */
export const useSmoothers = (project: string) =>
  useQuery({
    queryKey: ["p", project, "recordings", "smoothers"],
    queryFn: (): Promise<Smoother[]> => ok(api.GET("/api/v1/projects/{project_id}/smoothers", at(project))),
  });

export const useEnsemblePredictions = (project: string, ensemble: string) =>
  usePaged(["p", project, "predictions", "ensemble", ensemble], (cursor) =>
    ok(api.GET("/api/v1/projects/{project_id}/predictions", { params: { path: { project_id: project }, query: { ensemble, cursor, limit: 100 } } })),
  );

export interface Combination {
  name?: string;
  model_ids: string[];
  settings: SmoothSpec;
}

export const useCombine = (project: string, onDone: (made: Ensemble) => void) =>
  useChange((body: Combination) => ok(api.POST("/api/v1/projects/{project_id}/ensembles", { ...at(project), body })), touched(project), { onDone });

export interface EnsembleTraining {
  name?: string;
  members: number;
  preset: string;
  spec: Record<string, unknown>;
  settings: SmoothSpec;
  video_ids: string[];
}

export const useTrainEnsemble = (project: string, onDone: (reply: { ensemble: Ensemble }) => void) =>
  useChange(
    (body: EnsembleTraining) => ok(api.POST("/api/v1/projects/{project_id}/ensembles/train", { ...at(project), body })),
    touched(project),
    { onDone },
  );

export const useRunEnsemble = (project: string, onDone: (reply: { predictions: unknown[] }) => void = () => undefined) =>
  useChange(
    ({ id, video_ids, again = false }: { id: string; video_ids: string[]; again?: boolean }) =>
      ok(api.POST("/api/v1/projects/{project_id}/ensembles/{ensemble_id}/run", { ...one(project, id), body: { video_ids, again } })),
    touched(project),
    { onDone },
  );

export const useChangeEnsemble = (project: string, onDone: () => void) =>
  useChange(
    ({ id, ...body }: { id: string; name?: string; settings?: SmoothSpec }) =>
      ok(api.PATCH("/api/v1/projects/{project_id}/ensembles/{ensemble_id}", { ...one(project, id), body })),
    touched(project),
    { onDone },
  );

export const useDeleteEnsemble = (project: string, onDone: (freed: number) => void) =>
  useChange(
    (id: string) => ok(api.DELETE("/api/v1/projects/{project_id}/ensembles/{ensemble_id}", one(project, id))),
    touched(project),
    { onDone: (reply) => onDone(reply.bytes_freed) },
  );
