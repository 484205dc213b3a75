import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";

import { api, ok } from "@/data/client";
import type { FrameChange } from "@/data/frames";
import type { Page } from "@/data/types";

import { packed, type QueuedFrame } from "./queuedFrame";
import type { LabelSearch } from "./useQueueNavigation";

/** A page is read in one go while somebody labels: with many points in a frame it holds fewer frames. */
const PAGE_POINTS = 8000;
const pageSize = (pointsInFrame: number): number => Math.min(200, Math.max(20, Math.round(PAGE_POINTS / Math.max(1, pointsInFrame))));

export interface FrameQueue {
  readonly frames: readonly QueuedFrame[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
  /** Show what changed of a frame at once; the server is told by the caller. */
  readonly change: (frameId: string, change: FrameChange) => void;
}

type Pages = InfiniteData<Page<QueuedFrame>, string | null>;

/** The frames to label, page by page, those first from which most is to be learned. It is not refreshed by news: a queue must not move under the hand. */
export function useFrameQueue(projectId: string, { state, video, own = false, frame: wanted }: LabelSearch, pointsInFrame: number): FrameQueue {
  const client = useQueryClient();
  const key = useMemo(() => ["label-queue", projectId, state, video, own], [projectId, state, video, own]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam }) => {
      const query = { limit: pageSize(pointsInFrame), cursor: pageParam, state, video, second: own, order: "benefit" } as const;
      return packed(await ok(api.GET("/api/v1/projects/{project_id}/frames", { params: { path: { project_id: projectId }, query } })));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const frames = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const change = useCallback(
    (frameId: string, what: FrameChange) => client.setQueryData<Pages>(key, (pages) => pages && changed(pages, frameId, what)),
    [client, key],
  );

  // A link may name a frame on a later page.
  const missing = wanted !== undefined && !frames.some((frame) => frame.id === wanted);
  useEffect(() => {
    if (missing) loadMore();
  }, [missing, loadMore]);

  return useMemo(
    () => ({ frames, isPending, error: data === undefined ? error : null, hasMore: hasNextPage, loadMore, retry: () => void refetch(), change }),
    [frames, isPending, data, error, hasNextPage, loadMore, refetch, change],
  );
}

function changed(data: Pages, frameId: string, change: FrameChange): Pages {
  const holds = (page: Page<QueuedFrame>) => page.items.some((frame) => frame.id === frameId);
  const renewed = (page: Page<QueuedFrame>) => ({ ...page, items: page.items.map((frame) => (frame.id === frameId ? { ...frame, ...change } : frame)) });
  return { ...data, pages: data.pages.map((page) => (holds(page) ? renewed(page) : page)) };
}
