import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

import { asProblem, Problem } from "./problem";
import { signedOut } from "./signedOut";

const onError = (error: unknown) => {
  if (asProblem(error).status === 401) signedOut.announce();
};

/** A refusal will be the same next time; only an unreachable or troubled server is asked again. */
const retry = (failures: number, error: unknown) =>
  failures < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500);

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: { staleTime: 15_000, retry, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
