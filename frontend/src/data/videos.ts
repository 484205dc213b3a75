import { useQuery } from "@tanstack/react-query";

import { http } from "./http";
import { useChange, usePaged } from "./lists";
import type { Job, Page, Recording, Video, VideoState } from "./types";

export interface VideoFilter {
  state?: VideoState | undefined;
  recording?: string | undefined;
}

export const useVideos = (project: string, filter: VideoFilter = {}) =>
  usePaged(["p", project, "videos", filter], (cursor) =>
    http.get<Page<Video>>(`/projects/${project}/videos`, { ...filter, cursor, limit: 200 }),
  );

export const useRecordings = (project: string) =>
  usePaged(["p", project, "recordings"], (cursor) =>
    http.get<Page<Recording>>(`/projects/${project}/recordings`, { cursor, limit: 200 }),
  );

export type RecordingChange = Partial<Pick<Recording, "name" | "animal" | "session" | "rig" | "condition" | "fields">>;

export const useChangeRecording = (project: string, onDone: () => void) =>
  useChange(
    ({ id, ...body }: RecordingChange & { id: string }) => http.patch(`/projects/${project}/recordings/${id}`, body),
    [["p", project, "recordings"], ["p", project, "videos"]],
    { onDone },
  );

export const useDeleteVideos = (project: string, onDone: (freed: number) => void) =>
  useChange(
    async (ids: string[]) => {
      let freed = 0;
      for (const id of ids) freed += (await http.delete<{ bytes_freed: number }>(`/projects/${project}/videos/${id}`)).bytes_freed;
      return freed;
    },
    [["p", project, "videos"], ["p", project, "project"], ["p", project, "trash"]],
    { onDone: (freed) => onDone(freed) },
  );

export interface PatternMatch {
  name: string;
  fields: Record<string, string> | null;
}

export const usePatternPreview = (project: string, pattern: string, names: string[]) =>
  useQuery({
    queryKey: ["pattern", project, pattern, names],
    queryFn: () => http.post<PatternMatch[]>(`/projects/${project}/recordings/preview-pattern`, { pattern, names }),
    enabled: pattern !== "" && names.length > 0,
    placeholderData: (previous) => previous,
    retry: false,
  });

export interface RootEntry {
  name: string;
  kind: "dir" | "file";
  size_bytes: number | null;
}

export const useRoots = (enabled = true) =>
  useQuery({ queryKey: ["roots"], queryFn: () => http.get<{ name: string }[]>("/roots"), enabled });

export const useBrowse = (root: string | null, path: string) =>
  usePaged(["browse", root, path], (cursor) =>
    root === null
      ? Promise.resolve<Page<RootEntry>>({ items: [], next_cursor: null })
      : http.get<Page<RootEntry>>(`/roots/${encodeURIComponent(root)}/browse`, { path, cursor }),
  );

export type Registration =
  | { root: string; paths: string[] }
  | { root: string; folder: string; pattern: string; recursive: boolean };

export interface Registered {
  registered: number;
  skipped: number;
  job: Job | null;
}

export const useRegister = (project: string, onDone: (reply: Registered) => void) =>
  useChange(
    (body: Registration) => http.post<Registered>(`/projects/${project}/videos/register`, body),
    [["p", project, "videos"], ["p", project, "recordings"], ["p", project, "jobs"], ["p", project, "project"]],
    { onDone },
  );
