import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { PoseStore } from "@/core/poses";
import { api, ok } from "@/data/client";
import type { Prediction } from "@/data/types";

import { blockReader } from "./useViewed";

/** Another prediction of the same video, drawn beside the one that is viewed. */
export interface Track {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly poses: PoseStore;
  /** For each keypoint of the viewed prediction its place in this one; -1 where it has none. */
  readonly places: readonly number[];
}

/** After Okabe and Ito: told apart without red and green, and seen on dark video and on a light page. */
const COLORS = ["#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#d55e00", "#9e8cf2", "#b5a642", "#3d85c6"];

export const colorOf = (position: number): string => COLORS[position % COLORS.length] ?? "#e69f00";

export const nameOf = (prediction: Prediction): string => (prediction.model ?? prediction.ensemble)?.name ?? "";

/** All finished predictions of a video. */
export const useSiblings = (project_id: string, video: string) =>
  useQuery({
    queryKey: ["p", project_id, "predictions", "of", video],
    queryFn: async () => {
      const params = { path: { project_id }, query: { video, limit: 200 } };
      const { items } = await ok(api.GET("/api/v1/projects/{project_id}/predictions", { params }));
      return items.filter((one) => one.state === "ready" && one.block_url !== null);
    },
  });

export function storeOf(projectId: string, prediction: Prediction): PoseStore {
  const { frame_count: frames, individuals, keypoints } = prediction;
  const shape = { frames: frames ?? 0, individuals: individuals.length, keypoints: keypoints.length };
  return new PoseStore(shape, blockReader(projectId, prediction, "block_url"));
}

/** Two numbers a point: the variance of x and of y; null for what is no ensemble's. */
export function varianceOf(projectId: string, prediction: Prediction): PoseStore | null {
  if (prediction.variance_url === null) return null;
  const { frame_count: frames, individuals, keypoints } = prediction;
  const shape = { frames: frames ?? 0, individuals: individuals.length, keypoints: keypoints.length, values: 2 };
  return new PoseStore(shape, blockReader(projectId, prediction, "variance_url"));
}

/** The chosen predictions as tracks; each is fetched once for as long as the page shows it. */
export function useTracks(projectId: string, viewed: Prediction, siblings: readonly Prediction[], chosen: readonly string[]): Track[] {
  const [stores] = useState(() => new Map<string, PoseStore>());
  const found = useQueries({
    queries: chosen.map((id) => ({
      queryKey: ["p", projectId, "predictions", "track", id],
      queryFn: () =>
        siblings.find((one) => one.id === id) ??
        ok(api.GET("/api/v1/projects/{project_id}/predictions/{prediction_id}", { params: { path: { project_id: projectId, prediction_id: id } } })),
      staleTime: Infinity,
      retry: false,
    })),
    combine: (results) => results.flatMap((result) => (result.data?.block_url ? [result.data] : [])),
  });
  return useMemo(
    () =>
      found.map((prediction): Track => {
        const poses = stores.get(prediction.id) ?? storeOf(projectId, prediction);
        stores.set(prediction.id, poses);
        const at = siblings.findIndex((one) => one.id === prediction.id);
        return {
          id: prediction.id,
          name: nameOf(prediction),
          color: colorOf(at < 0 ? 0 : at),
          poses,
          places: viewed.keypoints.map((name) => prediction.keypoints.indexOf(name)),
        };
      }),
    [found, projectId, siblings, viewed.keypoints, stores],
  );
}
