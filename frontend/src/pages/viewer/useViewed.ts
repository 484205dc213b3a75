import { useQuery } from "@tanstack/react-query";

import { api, ok } from "@/data/client";
import type { Job, Prediction } from "@/data/types";

/** The video as the browser plays it, or the job that makes it: that begins when a video is first looked at. */
export type Proxy = { url: string; frame_count: number; fps: string } | { job: Job | null };

const PROXY_POLL_MS = 1500;

const prediction = (project_id: string, prediction_id: string) =>
  ok(api.GET("/api/v1/projects/{project_id}/predictions/{prediction_id}", { params: { path: { project_id, prediction_id } } }));

export const useViewedPrediction = (projectId: string, predictionId: string) =>
  useQuery({ queryKey: ["p", projectId, "predictions", predictionId], queryFn: () => prediction(projectId, predictionId) });

export const useViewedVideo = (project_id: string, video_id = "") =>
  useQuery({
    queryKey: ["p", project_id, "videos", video_id],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/videos/{video_id}", { params: { path: { project_id, video_id } } })),
    enabled: video_id !== "",
  });

async function proxy(project_id: string, video_id: string): Promise<Proxy> {
  const path = "/api/v1/projects/{project_id}/videos/{video_id}/proxy";
  const { url, frame_count, fps, job } = await ok(api.GET(path, { params: { path: { project_id, video_id } } }));
  return url != null && frame_count != null && fps != null ? { url, frame_count, fps } : { job: job ?? null };
}

export const useProxy = (projectId: string, videoId = "") =>
  useQuery({
    queryKey: ["proxy", projectId, videoId],
    queryFn: () => proxy(projectId, videoId),
    enabled: videoId !== "",
    staleTime: Infinity,
    refetchInterval: (query) => (query.state.data !== undefined && "job" in query.state.data ? PROXY_POLL_MS : false),
  });

/** Reads parts of one of a prediction's blocks; its signed address is renewed when it has expired. */
export function blockReader(
  projectId: string,
  shown: Prediction,
  which: "block_url" | "variance_url",
): (first: number, last: number) => Promise<ArrayBuffer> {
  let url = shown[which];
  const renew = async () => {
    url = (await prediction(projectId, shown.id))[which];
  };
  return async (first, last) => {
    let reply = await range(url, first, last);
    if (reply.status === 403) {
      await renew();
      reply = await range(url, first, last);
    }
    if (!reply.ok) throw new Error(`The predictions could not be read (${reply.status}).`);
    const bytes = await reply.arrayBuffer();
    // A server that ignores ranges sends the whole block.
    return reply.status === 206 ? bytes : bytes.slice(first, last + 1);
  };
}

const range = (url: string | null | undefined, first: number, last: number): Promise<Response> =>
  fetch(url ?? "", { headers: { Range: `bytes=${first}-${last}` } });
