import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";

import { api, ok } from "@/data/client";
import type { Frame, FrameState, Page } from "@/data/types";

import type { LabelSearch } from "./useQueueNavigation";

const PAGE = 200;

export interface FrameQueue {
  readonly frames: readonly Frame[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
  /** Show a frame's state at once; the server is told by the caller. */
  readonly setState: (frameId: string, state: FrameState) => void;
}

/** The frames to label, page by page. It is not refreshed by news: a queue must not move under the hand. */
export function useFrameQueue(projectId: string, { state, video, frame: wanted }: LabelSearch): FrameQueue {
  const client = useQueryClient();
  const key = ["label-queue", projectId, state, video];
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      ok(
        api.GET("/api/v1/projects/{project_id}/frames", {
          params: { path: { project_id: projectId }, query: { limit: PAGE, cursor: pageParam, state, video } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 60_000,
  });
  const frames = query.data?.pages.flatMap((page) => page.items) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  // A link may name a frame on a later page.
  const missing = wanted !== undefined && !frames.some((frame) => frame.id === wanted);
  useEffect(() => {
    if (missing) loadMore();
  }, [missing, loadMore]);

  return {
    frames,
    isPending: query.isPending,
    error: query.error,
    hasMore: hasNextPage,
    loadMore,
    retry: () => void query.refetch(),
    setState: (frameId, next) =>
      client.setQueryData<InfiniteData<Page<Frame>, string | null>>(key, (data) => data && withState(data, frameId, next)),
  };
}

const withState = (
  data: InfiniteData<Page<Frame>, string | null>,
  frameId: string,
  state: FrameState,
): InfiniteData<Page<Frame>, string | null> => ({
  ...data,
  pages: data.pages.map((page) => ({
    ...page,
    items: page.items.map((frame) => (frame.id === frameId ? { ...frame, state } : frame)),
  })),
});
