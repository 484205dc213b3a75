import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { api, ok } from "@/data/client";

const SHOWN = 24;

async function decoded(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** A frame of the project to draw on, the best labelled first; `labelled` tells by keypoint where it is labelled, in shares. */
export function useExampleFrame(project: string) {
  const [turn, setTurn] = useState(0);
  const frames = useQuery({
    queryKey: ["p", project, "example-frames"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/frames", { params: { path: { project_id: project }, query: { limit: SHOWN } } })),
  });
  const items = (frames.data?.items ?? []).filter((frame) => frame.image_url !== null);
  const sorted = [...items].sort((a, b) => b.labelled_points - a.labelled_points);
  const frame = sorted[turn % Math.max(1, sorted.length)];
  const url = frame?.image_url ?? null;
  const image = useQuery({ queryKey: ["picture", url], queryFn: () => decoded(url ?? ""), enabled: url !== null, staleTime: Infinity, gcTime: 60_000 });
  const labels = useQuery({
    queryKey: ["p", project, "labels", frame?.id],
    queryFn: () =>
      ok(api.GET("/api/v1/projects/{project_id}/frames/{frame_id}/labels", { params: { path: { project_id: project, frame_id: frame?.id ?? "" } } })),
    enabled: frame !== undefined && frame.labelled_points > 0,
  });
  const picture = image.data ?? null;
  const width = frame?.width ?? picture?.naturalWidth;
  const height = frame?.height ?? picture?.naturalHeight;
  const size = useMemo(() => (width === undefined || height === undefined ? null : { width, height }), [width, height]);
  const labelled = useMemo(() => {
    const placed = (labels.data?.points ?? []).flatMap(({ keypoint_id, x, y }) =>
      x === null || y === null || size === null ? [] : [[keypoint_id, { x: (x + 0.5) / size.width, y: (y + 0.5) / size.height }] as const],
    );
    // The first animal's points, where there are several.
    return new Map([...placed].reverse());
  }, [labels.data, size]);
  return { picture, size, labelled, count: sorted.length, next: () => setTurn(turn + 1) };
}
