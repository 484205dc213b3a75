import { useQuery } from "@tanstack/react-query";

import type { SkeletonDraft } from "@/core/skeletonDraft";

import { api, ok } from "./client";
import { useChange, usePaged } from "./lists";
import type { Role, Skeleton, TrashItem } from "./types";

export const useProjects = () =>
  usePaged(["projects", "list"], (cursor) => ok(api.GET("/api/v1/projects", { params: { query: { cursor, limit: 100 } } })));

const at = (project_id: string) => ({ params: { path: { project_id } } });

export const useProject = (id: string) =>
  useQuery({ queryKey: ["p", id, "project"], queryFn: () => ok(api.GET("/api/v1/projects/{project_id}", at(id))) });

export interface NewProject {
  name: string;
  description: string;
  name_pattern: string;
  skeleton?: SkeletonDraft;
}

export const useCreateProject = (onDone: (project: { id: string }) => void) =>
  useChange((body: NewProject) => ok(api.POST("/api/v1/projects", { body })), [["projects"]], { onDone, quiet: true });

export const useChangeProject = (id: string, onDone: () => void) =>
  useChange(
    (body: { name?: string; description?: string; name_pattern?: string }) =>
      ok(api.PATCH("/api/v1/projects/{project_id}", { ...at(id), body })),
    [["projects"], ["p", id, "project"], ["p", id, "recordings"], ["p", id, "videos"]],
    { onDone },
  );

export const useDeleteProject = (onDone: (freed: number) => void) =>
  useChange((id: string) => ok(api.DELETE("/api/v1/projects/{project_id}", at(id))), [["projects"]], {
    onDone: (reply) => onDone(reply.bytes_freed),
  });

export const useSkeleton = (id: string) =>
  useQuery({
    queryKey: ["p", id, "skeleton"],
    // openapi-fetch reads pairs as lists of any length.
    queryFn: async () => (await ok(api.GET("/api/v1/projects/{project_id}/skeleton", at(id)))) as Skeleton,
  });

/** Sends only what a skeleton is made of: positions follow from the order, ids of views from their names. */
export const useSaveSkeleton = (id: string, onDone: () => void) =>
  useChange(
    ({ keypoints, edges, views }: SkeletonDraft) =>
      ok(
        api.PUT("/api/v1/projects/{project_id}/skeleton", {
          ...at(id),
          body: {
            keypoints: keypoints.map((k) => ({ id: k.id ?? null, name: k.name.trim(), color: k.color, partner: k.partner, part: k.part, view: k.view })),
            edges,
            views: views.map(({ name, mirrored }) => ({ name, mirrored })),
          },
        }),
      ),
    [["p", id, "skeleton"], ["p", id, "project"]],
    { onDone },
  );

export const useMembers = (id: string) =>
  useQuery({
    queryKey: ["p", id, "members"],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/projects/{project_id}/members", { params: { path: { project_id: id }, query: { limit: 200 } } }))).items,
  });

export const useInvite = (id: string, onDone: (reply: { invite_url?: string | null }) => void) =>
  useChange(
    (body: { email: string; role: Role }) => ok(api.POST("/api/v1/projects/{project_id}/members", { ...at(id), body })),
    [["p", id, "members"]],
    { onDone },
  );

const member = (project_id: string, user_id: string) => ({ params: { path: { project_id, user_id } } });

export const useChangeRole = (id: string) =>
  useChange(
    ({ user, role }: { user: string; role: Role }) =>
      ok(api.PATCH("/api/v1/projects/{project_id}/members/{user_id}", { ...member(id, user), body: { role } })),
    [["p", id, "members"]],
  );

export const useRemoveMember = (id: string) =>
  useChange((user: string) => ok(api.DELETE("/api/v1/projects/{project_id}/members/{user_id}", member(id, user))), [["p", id, "members"]]);

export const useAudit = (id: string) =>
  usePaged(["p", id, "audit"], (cursor) =>
    ok(api.GET("/api/v1/projects/{project_id}/audit", { params: { path: { project_id: id }, query: { cursor, limit: 100 } } })),
  );

export const useTrash = (id: string) =>
  usePaged(["p", id, "trash"], (cursor) =>
    ok(api.GET("/api/v1/projects/{project_id}/trash", { params: { path: { project_id: id }, query: { cursor, limit: 100 } } })),
  );

export const useRestore = (id: string) =>
  useChange(
    ({ kind, id: item }: TrashItem) =>
      kind === "project"
        ? ok(restoreProject(item))
        : ok(api.POST("/api/v1/projects/{project_id}/trash/{kind}/{id}/restore", { params: { path: { project_id: id, kind, id: item } } })),
    [["p", id], ["projects"]],
  );

const restoreProject = (id: string) =>
  api.POST("/api/v1/projects/{project_id}/trash/project/{id}/restore", { params: { path: { project_id: id, id } } });

/** Deleted projects, which stand in no project's trash. */
export const useTrashedProjects = () =>
  useQuery({
    queryKey: ["projects", "trashed"],
    queryFn: async () => (await ok(api.GET("/api/v1/projects", { params: { query: { trashed: true, limit: 200 } } }))).items,
  });

export const useRestoreProject = () => useChange((id: string) => ok(restoreProject(id)), [["projects"]]);

export const useEmptyTrash = (id: string, onDone: (freed: number) => void) =>
  useChange(() => ok(api.DELETE("/api/v1/projects/{project_id}/trash", at(id))), [["p", id, "trash"]], {
    onDone: (reply) => onDone(reply.bytes_freed),
  });
