import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";

import { usePoll } from "./live";
import { notifyProblem } from "./notify";
import type { Page } from "./types";

/** A keyset-paged list, loaded as it is scrolled, kept fresh by news or by polling. */
export interface PagedList<T> {
  items: T[];
  isPending: boolean;
  error: Error | null;
  hasMore: boolean;
  loadingMore: boolean;
  loadMore: () => void;
  retry: () => void;
}

export function usePaged<T>(key: readonly unknown[], fetchPage: (cursor: string | null) => Promise<Page<T>>): PagedList<T> {
  const poll = usePoll();
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: poll,
  });
  return {
    items: query.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: query.isPending,
    error: query.data === undefined ? query.error : null,
    hasMore: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
    },
    retry: () => void query.refetch(),
  };
}

/** A change: refreshes the lists it touches, and says what failed. */
export function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  touches: readonly (readonly unknown[])[],
  options: { quiet?: boolean; onDone?: (output: Output, input: Input) => void } = {},
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (output, input) => {
      options.onDone?.(output, input);
      await Promise.all(touches.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: (error) => {
      if (!options.quiet) notifyProblem(error);
    },
  });
}
