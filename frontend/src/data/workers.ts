import { useQuery } from "@tanstack/react-query";

import { api, ok } from "./client";
import { useChange } from "./lists";

export const useWorkers = () =>
  useQuery({ queryKey: ["workers"], queryFn: () => ok(api.GET("/api/v1/workers")), refetchInterval: 15_000 });

export const usePauseWorker = () =>
  useChange(
    ({ name, paused }: { name: string; paused: boolean }) =>
      ok(api.PATCH("/api/v1/workers/{name}", { params: { path: { name } }, body: { paused } })),
    [["workers"]],
  );
