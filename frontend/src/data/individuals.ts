import { useQuery } from "@tanstack/react-query";

import type { components } from "@/api/schema";

import { api, ok } from "./client";
import { useChange } from "./lists";

export type Individual = components["schemas"]["IndividualOut"];

const key = (project: string) => ["p", project, "individuals"];

export const useIndividuals = (project: string) =>
  useQuery({
    queryKey: key(project),
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/individuals", { params: { path: { project_id: project } } })),
  });

export const useAddIndividual = (project: string, onDone: (made: Individual) => void) =>
  useChange(
    (name: string) => ok(api.POST("/api/v1/projects/{project_id}/individuals", { params: { path: { project_id: project } }, body: { name } })),
    [key(project)],
    { onDone },
  );

export const useRenameIndividual = (project: string, onDone: () => void) =>
  useChange(
    ({ id, name }: { id: string; name: string }) =>
      ok(
        api.PATCH("/api/v1/projects/{project_id}/individuals/{individual_id}", {
          params: { path: { project_id: project, individual_id: id } },
          body: { name },
        }),
      ),
    [key(project)],
    { onDone },
  );
