import { useQuery } from "@tanstack/react-query";

import { http } from "@/data/http";
import type { Job, Prediction, Video } from "@/data/types";

export interface ViewedPrediction extends Prediction {
  individuals: string[];
  keypoints: string[];
  block_url: string | null;
}

interface ProxyReply {
  url?: string | null;
  frame_count?: number | null;
  fps?: string | null;
  job?: Job | null;
}

/** The video as the browser plays it, or the job that makes it: that begins when a video is first looked at. */
export type Proxy = { url: string; frame_count: number; fps: string } | { job: Job | null };

function asProxy({ url, frame_count, fps, job }: ProxyReply): Proxy {
  return url != null && frame_count != null && fps != null ? { url, frame_count, fps } : { job: job ?? null };
}

const PROXY_POLL_MS = 1500;

export const useViewedPrediction = (projectId: string, predictionId: string) =>
  useQuery({
    queryKey: ["p", projectId, "predictions", predictionId],
    queryFn: () => http.get<ViewedPrediction>(`/projects/${projectId}/predictions/${predictionId}`),
  });

export const useViewedVideo = (projectId: string, videoId: string | undefined) =>
  useQuery({
    queryKey: ["p", projectId, "videos", videoId],
    queryFn: () => http.get<Video>(`/projects/${projectId}/videos/${videoId ?? ""}`),
    enabled: videoId !== undefined,
  });

export const useProxy = (projectId: string, videoId: string | undefined) =>
  useQuery({
    queryKey: ["proxy", projectId, videoId],
    queryFn: async () => asProxy(await http.get<ProxyReply>(`/projects/${projectId}/videos/${videoId ?? ""}/proxy`)),
    enabled: videoId !== undefined,
    staleTime: Infinity,
    refetchInterval: (query) => (query.state.data !== undefined && "job" in query.state.data ? PROXY_POLL_MS : false),
  });

/** Reads parts of a prediction's block; its signed address is renewed when it has expired. */
export function blockReader(projectId: string, prediction: ViewedPrediction): (first: number, last: number) => Promise<ArrayBuffer> {
  let url = prediction.block_url;
  const renew = async () => {
    url = (await http.get<ViewedPrediction>(`/projects/${projectId}/predictions/${prediction.id}`)).block_url;
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

const range = (url: string | null, first: number, last: number): Promise<Response> =>
  fetch(url ?? "", { headers: { Range: `bytes=${first}-${last}` } });
