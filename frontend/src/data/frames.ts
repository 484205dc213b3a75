import { api, ok } from "./client";
import { useChange, usePaged } from "./lists";
import type { Frame, FrameState, Job, SelectMethod } from "./types";

export interface FrameFilter {
  state?: FrameState | undefined;
  video?: string | undefined;
}

export const useFrames = (project: string, filter: FrameFilter) =>
  usePaged(["p", project, "frames", filter.state, filter.video], (cursor) =>
    ok(
      api.GET("/api/v1/projects/{project_id}/frames", {
        params: { path: { project_id: project }, query: { state: filter.state, video: filter.video, cursor, limit: 200 } },
      }),
    ),
  );

export interface Selection {
  video_ids: string[];
  method: SelectMethod;
  count: number;
  ranges: [number, number][];
  preview: boolean;
  seed: number;
}

const at = (project_id: string) => ({ params: { path: { project_id } } });

export const useSelectFrames = (project: string, onDone: (reply: { jobs: Pick<Job, "id">[] }) => void) =>
  useChange(
    (body: Selection) => ok(api.POST("/api/v1/projects/{project_id}/frames/select", { ...at(project), body })),
    [["p", project, "jobs"]],
    { onDone },
  );

export const useAddFrames = (project: string, onDone: () => void) =>
  useChange(
    (body: { video_id: string; indices: number[]; origin: SelectMethod | "manual" }) =>
      ok(api.POST("/api/v1/projects/{project_id}/frames/add", { ...at(project), body })),
    [["p", project, "jobs"]],
    { onDone },
  );

export type FrameChange = Partial<Pick<Frame, "state" | "note" | "skipped">>;

/** Changes one frame; the label queue shows the change by itself. */
export const useChangeFrame = (project: string) =>
  useChange(
    ({ id, change }: { id: string; change: FrameChange }) =>
      ok(api.PATCH("/api/v1/projects/{project_id}/frames/{frame_id}", { params: { path: { project_id: project, frame_id: id } }, body: change })),
    [["p", project, "frames"]],
  );

export const useDeleteFrames = (project: string, onDone: (freed: number) => void) =>
  useChange(
    async (ids: string[]) => {
      let freed = 0;
      for (const frame_id of ids) {
        const params = { path: { project_id: project, frame_id } };
        freed += (await ok(api.DELETE("/api/v1/projects/{project_id}/frames/{frame_id}", { params }))).bytes_freed;
      }
      return freed;
    },
    [["p", project, "frames"], ["p", project, "project"], ["p", project, "trash"]],
    { onDone },
  );
