import { useQuery } from "@tanstack/react-query";

import { api, ok } from "./client";
import { useChange, usePaged } from "./lists";
import { usePoll } from "./live";
import type { Page, Recording, RootEntry, Video, VideoState } from "./types";

export interface VideoFilter {
  state?: VideoState | undefined;
  recording?: string | undefined;
}

export const useVideos = (project: string, filter: VideoFilter = {}) =>
  usePaged(["p", project, "videos", "list", filter.state, filter.recording], (cursor) =>
    ok(
      api.GET("/api/v1/projects/{project_id}/videos", {
        params: { path: { project_id: project }, query: { state: filter.state, recording: filter.recording, cursor, limit: 200 } },
      }),
    ),
  );

const at = (project_id: string, video_id: string) => ({ params: { path: { project_id, video_id } } });

export function useVideo(project: string, id: string | undefined) {
  const poll = usePoll();
  return useQuery({
    queryKey: ["p", project, "videos", "one", id],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/videos/{video_id}", at(project, id ?? ""))),
    enabled: id !== undefined,
    refetchInterval: poll,
  });
}

export const useReadAgain = (project: string) =>
  useChange((id: string) => ok(api.POST("/api/v1/projects/{project_id}/videos/{video_id}/read", at(project, id))), [["p", project, "videos"]]);

/** Null clears it: networks look at the whole frame. */
export const useChangeCrop = (project: string, onDone: () => void) =>
  useChange(
    ({ id, crop }: { id: string; crop: NonNullable<Video["crop"]> | null }) =>
      ok(api.PATCH("/api/v1/projects/{project_id}/videos/{video_id}", { ...at(project, id), body: { crop } })),
    [["p", project, "videos"], ["p", project, "frames"]],
    { onDone },
  );

/** The playable version; asked for again until the server has made it. */
export const useVideoProxy = (project: string, id: string, enabled = true) =>
  useQuery({
    queryKey: ["p", project, "proxy", id],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/videos/{video_id}/proxy", at(project, id))),
    refetchInterval: (query) => (query.state.data && !query.state.data.url ? 1_500 : false),
    staleTime: 600_000,
    enabled,
  });

/** The pictures of a project's card: the posters of its latest videos. */
export const usePosters = (project: string, enabled: boolean) =>
  useQuery({
    queryKey: ["p", project, "videos", "posters"],
    queryFn: async () => {
      const params = { path: { project_id: project }, query: { state: "ready" as const, limit: 3 } };
      const { items } = await ok(api.GET("/api/v1/projects/{project_id}/videos", { params }));
      return items.flatMap((video) => (video.poster_url === null ? [] : [video.poster_url]));
    },
    enabled,
    staleTime: 60_000,
  });

export const useRecordings = (project: string) =>
  usePaged(["p", project, "recordings"], (cursor) =>
    ok(api.GET("/api/v1/projects/{project_id}/recordings", { params: { path: { project_id: project }, query: { cursor, limit: 200 } } })),
  );

export type RecordingChange = Partial<Pick<Recording, "name" | "animal" | "session" | "rig" | "condition">>;

export const useChangeRecording = (project: string, onDone: () => void) =>
  useChange(
    ({ id, ...body }: RecordingChange & { id: string }) =>
      ok(
        api.PATCH("/api/v1/projects/{project_id}/recordings/{recording_id}", {
          params: { path: { project_id: project, recording_id: id } },
          body,
        }),
      ),
    [["p", project, "recordings"], ["p", project, "videos"]],
    { onDone },
  );

export const useDeleteVideos = (project: string, onDone: (freed: number) => void) =>
  useChange(
    async (ids: string[]) => {
      let freed = 0;
      for (const id of ids) {
        freed += (await ok(api.DELETE("/api/v1/projects/{project_id}/videos/{video_id}", at(project, id)))).bytes_freed;
      }
      return freed;
    },
    [["p", project, "videos"], ["p", project, "project"], ["p", project, "trash"]],
    { onDone },
  );

export const usePatternPreview = (project: string, pattern: string, names: string[]) =>
  useQuery({
    queryKey: ["pattern", project, pattern, names],
    queryFn: () =>
      ok(
        api.POST("/api/v1/projects/{project_id}/recordings/preview-pattern", {
          params: { path: { project_id: project } },
          body: { pattern, names },
        }),
      ),
    enabled: pattern !== "" && names.length > 0,
    placeholderData: (previous) => previous,
    retry: false,
  });

export const useRoots = () => useQuery({ queryKey: ["roots"], queryFn: () => ok(api.GET("/api/v1/roots")) });

export const useBrowse = (root: string | null, path: string) =>
  usePaged(["browse", root, path], (cursor) =>
    root === null
      ? Promise.resolve<Page<RootEntry>>({ items: [], next_cursor: null })
      : ok(api.GET("/api/v1/roots/{name}/browse", { params: { path: { name: root }, query: { path, cursor, limit: 200 } } })),
  );

export interface Registration {
  root: string;
  paths?: string[];
  folder?: string;
  pattern: string;
  recursive: boolean;
}

export const useRegister = (project: string, onDone: (reply: { registered: number; skipped: number }) => void) =>
  useChange(
    (body: Registration) =>
      ok(api.POST("/api/v1/projects/{project_id}/videos/register", { params: { path: { project_id: project } }, body })),
    [["p", project, "videos"], ["p", project, "recordings"], ["p", project, "jobs"], ["p", project, "project"]],
    { onDone },
  );

export interface CameraTimes {
  id: string;
  filename: string;
  seconds: number[];
}

export const usePutCameraTimes = (project: string) =>
  useChange(
    ({ id, ...body }: CameraTimes) => ok(api.PUT("/api/v1/projects/{project_id}/videos/{video_id}/camera-times", { ...at(project, id), body })),
    [["p", project, "videos"], ["p", project, "recordings"]],
  );

export const useRemoveCameraTimes = (project: string) =>
  useChange(
    (id: string) => ok(api.DELETE("/api/v1/projects/{project_id}/videos/{video_id}/camera-times", at(project, id))),
    [["p", project, "videos"], ["p", project, "recordings"]],
  );

const ofRecording = (project_id: string, recording_id: string) => ({ params: { path: { project_id, recording_id } } });

export const useRecording = (project: string, id: string) =>
  useQuery({
    queryKey: ["p", project, "recordings", "one", id],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/recordings/{recording_id}", ofRecording(project, id))),
  });

/** The job that reads the file: the recording keeps the calibration it has until that one is found to be good. */
export const useCalibrate = (project: string, recording: string, onDone: (job: { id: string }) => void) =>
  useChange(
    async (file: File) => {
      const body = { filename: file.name, text: await file.text() };
      return ok(api.PUT("/api/v1/projects/{project_id}/recordings/{recording_id}/calibration", { ...ofRecording(project, recording), body }));
    },
    [["p", project, "jobs"]],
    { onDone: (reply) => onDone(reply.job) },
  );

export const useUncalibrate = (project: string, recording: string) =>
  useChange(
    () => ok(api.DELETE("/api/v1/projects/{project_id}/recordings/{recording_id}/calibration", ofRecording(project, recording))),
    [["p", project, "recordings"]],
  );
