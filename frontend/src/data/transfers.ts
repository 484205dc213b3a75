import { api, ok } from "./client";
import { useChange } from "./lists";

export type ImportSource = { upload_id: string } | { root: string; path: string };

export type ImportRequest = ImportSource & { dry_run: boolean; create_skeleton: boolean };

const at = (project_id: string) => ({ params: { path: { project_id } } });

export const useImport = (project: string, onDone: (job: { id: string }) => void) =>
  useChange(
    (body: ImportRequest) => ok(api.POST("/api/v1/projects/{project_id}/imports", { ...at(project), body })),
    [["p", project, "jobs"]],
    { onDone: (reply) => onDone(reply.job) },
  );

export type ExportFormat = "lightning-pose" | "deeplabcut" | "parquet" | "csv";

export interface ExportRequest {
  what: "labels" | "predictions";
  format: ExportFormat;
}

export const useExport = (project: string, onDone: (job: { id: string }) => void) =>
  useChange(
    (body: ExportRequest) => ok(api.POST("/api/v1/projects/{project_id}/exports", { ...at(project), body })),
    [["p", project, "jobs"]],
    { onDone: (reply) => onDone(reply.job) },
  );

export interface PredictionImport {
  name?: string;
  files: { upload_id: string; video_id: string }[];
}

export const useImportPredictions = (project: string, onDone: (job: { id: string }) => void) =>
  useChange(
    (body: PredictionImport) => ok(api.POST("/api/v1/projects/{project_id}/predictions/import", { ...at(project), body })),
    [["p", project, "jobs"]],
    { onDone: (reply) => onDone(reply.job) },
  );
