import { useQuery } from "@tanstack/react-query";

import { http } from "./http";
import { useChange, usePaged } from "./lists";
import type { AuditEvent, Member, Page, Project, Role, Skeleton, TrashItem } from "./types";

export const useProjects = () =>
  usePaged(["projects"], (cursor) => http.get<Page<Project>>("/projects", { cursor, limit: 100 }));

export const useProject = (id: string) =>
  useQuery({ queryKey: ["p", id, "project"], queryFn: () => http.get<Project>(`/projects/${id}`) });

export interface NewProject {
  name: string;
  description?: string;
  name_pattern?: string;
  skeleton?: Skeleton;
}

export const useCreateProject = (onDone: (project: Project) => void) =>
  useChange((body: NewProject) => http.post<Project>("/projects", body), [["projects"]], { onDone, quiet: true });

export const useChangeProject = (id: string, onDone?: () => void) =>
  useChange(
    (body: { name?: string; description?: string; name_pattern?: string }) => http.patch(`/projects/${id}`, body),
    [["projects"], ["p", id, "project"], ["p", id, "recordings"], ["p", id, "videos"]],
    { ...(onDone ? { onDone } : {}) },
  );

export const useDeleteProject = (onDone: (freed: number) => void) =>
  useChange((id: string) => http.delete<{ bytes_freed: number }>(`/projects/${id}`), [["projects"]], {
    onDone: (reply) => onDone(reply.bytes_freed),
  });

export const useSkeleton = (id: string) =>
  useQuery({ queryKey: ["p", id, "skeleton"], queryFn: () => http.get<Skeleton>(`/projects/${id}/skeleton`) });

export const useSaveSkeleton = (id: string, onDone: () => void) =>
  useChange((body: Skeleton) => http.put<Skeleton>(`/projects/${id}/skeleton`, body), [["p", id, "skeleton"]], { onDone });

export const useMembers = (id: string) =>
  useQuery({ queryKey: ["p", id, "members"], queryFn: () => http.get<Page<Member>>(`/projects/${id}/members`) });

export const useInvite = (id: string, onDone: (reply: { invite_url?: string | null }) => void) =>
  useChange(
    (body: { email: string; role: Role }) => http.post<{ invite_url?: string | null }>(`/projects/${id}/members`, body),
    [["p", id, "members"]],
    { onDone },
  );

export const useChangeRole = (id: string) =>
  useChange(({ user, role }: { user: string; role: Role }) => http.patch(`/projects/${id}/members/${user}`, { role }), [["p", id, "members"]]);

export const useRemoveMember = (id: string) =>
  useChange((user: string) => http.delete(`/projects/${id}/members/${user}`), [["p", id, "members"]]);

export const useAudit = (id: string) =>
  usePaged(["p", id, "audit"], (cursor) => http.get<Page<AuditEvent>>(`/projects/${id}/audit`, { cursor, limit: 100 }));

export const useTrash = (id: string) =>
  usePaged(["p", id, "trash"], (cursor) => http.get<Page<TrashItem>>(`/projects/${id}/trash`, { cursor, limit: 100 }));

export const useRestore = (id: string) =>
  useChange((item: TrashItem) => http.post(`/projects/${id}/trash/${item.kind}/${item.id}/restore`), [["p", id], ["projects"]]);

export const useEmptyTrash = (id: string, onDone: (freed: number) => void) =>
  useChange(() => http.delete<{ bytes_freed: number }>(`/projects/${id}/trash`), [["p", id, "trash"]], {
    onDone: (reply) => onDone(reply.bytes_freed),
  });
