import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { http } from "./http";
import { useChange } from "./lists";
import type { ApiToken, LinkInfo, Page, User } from "./types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => http.get<{ user: User }>("/me"),
  staleTime: 300_000,
  retry: false,
});

export const useMe = () => useQuery(meQuery);

export interface Credentials {
  email: string;
  password: string;
}

export interface LinkAnswer {
  token: string;
  email?: string;
  name?: string;
  password?: string;
}

export const useSignIn = (onDone: () => void) =>
  useChange((body: Credentials) => http.post<{ user: User }>("/auth/login", body), [["me"]], { quiet: true, onDone });

export const useAcceptLink = (onDone: () => void) =>
  useChange((body: LinkAnswer) => http.post<{ user: User }>("/auth/link", body), [["me"]], { quiet: true, onDone });

export const useLinkInfo = (token: string | undefined) =>
  useQuery({
    queryKey: ["link", token],
    queryFn: () => http.get<LinkInfo>(`/auth/link/${encodeURIComponent(token ?? "")}`),
    enabled: token !== undefined,
    retry: false,
    staleTime: Infinity,
  });

export function useSignOut(onDone: () => void) {
  const client = useQueryClient();
  return useChange(() => http.post("/auth/logout"), [], {
    onDone: () => {
      client.clear();
      onDone();
    },
  });
}

export const useRename = () => useChange((name: string) => http.patch("/me", { name }), [["me"]]);

export const useChangePassword = (onDone: () => void) =>
  useChange((body: { current: string; new: string }) => http.post("/me/password", body), [], { onDone });

export const useTokens = () =>
  useQuery({ queryKey: ["tokens"], queryFn: () => http.get<Page<ApiToken>>("/me/tokens") });

export const useCreateToken = (onDone: (reply: { token: string }) => void) =>
  useChange((body: { name: string; expires_in_days?: number }) => http.post<{ token: string }>("/me/tokens", body), [["tokens"]], { onDone });

export const useRevokeToken = () => useChange((id: string) => http.delete(`/me/tokens/${id}`), [["tokens"]]);
