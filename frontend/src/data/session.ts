import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, ok } from "./client";
import { useChange } from "./lists";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => ok(api.GET("/api/v1/me")),
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
  useChange((body: Credentials) => ok(api.POST("/api/v1/auth/login", { body })), [["me"]], { quiet: true, onDone });

export const useAcceptLink = (onDone: () => void) =>
  useChange((body: LinkAnswer) => ok(api.POST("/api/v1/auth/link", { body })), [["me"]], { quiet: true, onDone });

export const useLinkInfo = (token: string | undefined) =>
  useQuery({
    queryKey: ["link", token],
    queryFn: () => ok(api.GET("/api/v1/auth/link/{token}", { params: { path: { token: token ?? "" } } })),
    enabled: token !== undefined,
    retry: false,
    staleTime: Infinity,
  });

export function useSignOut(onDone: () => void) {
  const client = useQueryClient();
  return useChange(() => ok(api.POST("/api/v1/auth/logout")), [], {
    onDone: () => {
      client.clear();
      onDone();
    },
  });
}

export const useRename = (onDone: () => void) =>
  useChange((name: string) => ok(api.PATCH("/api/v1/me", { body: { name } })), [["me"]], { onDone });

export const useChangePassword = (onDone: () => void) =>
  useChange((body: { current: string; new: string }) => ok(api.POST("/api/v1/me/password", { body })), [], { onDone });

const TOKENS = ["tokens"];

export const useTokens = () =>
  useQuery({
    queryKey: TOKENS,
    queryFn: async () => (await ok(api.GET("/api/v1/me/tokens", { params: { query: { limit: 200 } } }))).items,
  });

export const useCreateToken = (onDone: (reply: { token: string }) => void) =>
  useChange((body: { name: string; expires_in_days?: number }) => ok(api.POST("/api/v1/me/tokens", { body })), [TOKENS], { onDone });

export const useRevokeToken = () =>
  useChange((id: string) => ok(api.DELETE("/api/v1/me/tokens/{token_id}", { params: { path: { token_id: id } } })), [TOKENS]);

export const useResetLink = (onDone: (reply: { url: string }) => void) =>
  useChange((email: string) => ok(api.POST("/api/v1/auth/reset-links", { body: { email } })), [], { onDone });
