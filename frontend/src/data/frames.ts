import { http } from "./http";
import { useChange, usePaged } from "./lists";
import type { Frame, FrameState, Job, Page } from "./types";

export interface FrameFilter {
  state?: FrameState | undefined;
  video?: string | undefined;
}

export const useFrames = (project: string, filter: FrameFilter) =>
  usePaged(["p", project, "frames", filter], (cursor) =>
    http.get<Page<Frame>>(`/projects/${project}/frames`, { ...filter, cursor, limit: 200 }),
  );

export interface Selection {
  video_ids: string[];
  method: "kmeans" | "uniform";
  count: number;
  start?: number;
  end?: number;
  seed?: number;
}

export const useSelectFrames = (project: string, onDone: (reply: { jobs: Job[] }) => void) =>
  useChange((body: Selection) => http.post<{ jobs: Job[] }>(`/projects/${project}/frames/select`, body), [["p", project, "jobs"]], {
    onDone,
  });

export const useAddFrames = (project: string, onDone: () => void) =>
  useChange(
    (body: { video_id: string; indices: number[] }) => http.post(`/projects/${project}/frames/add`, body),
    [["p", project, "jobs"]],
    { onDone },
  );

export const useDeleteFrames = (project: string, onDone: (freed: number) => void) =>
  useChange(
    async (ids: string[]) => {
      let freed = 0;
      for (const id of ids) freed += (await http.delete<{ bytes_freed: number }>(`/projects/${project}/frames/${id}`)).bytes_freed;
      return freed;
    },
    [["p", project, "frames"], ["p", project, "project"], ["p", project, "trash"]],
    { onDone: (freed) => onDone(freed) },
  );
