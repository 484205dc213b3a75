import { http } from "./http";
import { useChange } from "./lists";
import type { Job } from "./types";

export type ImportSource = { upload_id: string } | { root: string; path: string };

export type ImportRequest = ImportSource & { dry_run: boolean; scorer?: string; create_skeleton?: boolean };

export const useImport = (project: string, onDone: (job: Job) => void) =>
  useChange((body: ImportRequest) => http.post<{ job: Job }>(`/projects/${project}/imports`, body), [["p", project, "jobs"]], {
    onDone: (reply) => onDone(reply.job),
  });

export type ExportFormat = "lightning-pose" | "deeplabcut" | "parquet" | "csv";

export interface ExportRequest {
  what: "labels" | "predictions";
  format: ExportFormat;
  prediction_ids?: string[];
}

export const useExport = (project: string, onDone: (job: Job) => void) =>
  useChange((body: ExportRequest) => http.post<{ job: Job }>(`/projects/${project}/exports`, body), [["p", project, "jobs"]], {
    onDone: (reply) => onDone(reply.job),
  });
