import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";

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

type Pages = InfiniteData<Page<Frame>, string | null>;

/** The frames to label, page by page, those first from which most is to be learned. It is not refreshed by news: a queue must not move under the hand. */
export function useFrameQueue(projectId: string, { state, video, frame: wanted }: LabelSearch): FrameQueue {
  const client = useQueryClient();
  const key = useMemo(() => ["label-queue", projectId, state, video], [projectId, state, video]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      ok(
        api.GET("/api/v1/projects/{project_id}/frames", {
          params: { path: { project_id: projectId }, query: { limit: PAGE, cursor: pageParam, state, video, order: "benefit" } },
        }),
      ),
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
  const setState = useCallback(
    (frameId: string, next: FrameState) => client.setQueryData<Pages>(key, (pages) => pages && withState(pages, frameId, next)),
    [client, key],
  );

  // A link may name a frame on a later page.
  const missing = wanted !== undefined && !frames.some((frame) => frame.id === wanted);
  useEffect(() => {
    if (missing) loadMore();
  }, [missing, loadMore]);

  return useMemo(
    () => ({ frames, isPending, error: data === undefined ? error : null, hasMore: hasNextPage, loadMore, retry: () => void refetch(), setState }),
    [frames, isPending, data, error, hasNextPage, loadMore, refetch, setState],
  );
}

function withState(data: Pages, frameId: string, state: FrameState): Pages {
  const holds = (page: Page<Frame>) => page.items.some((frame) => frame.id === frameId && frame.state !== state);
  const changed = (page: Page<Frame>) => ({ ...page, items: page.items.map((frame) => (frame.id === frameId ? { ...frame, state } : frame)) });
  return { ...data, pages: data.pages.map((page) => (holds(page) ? changed(page) : page)) };
}
