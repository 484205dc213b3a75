import { Alert, Button, Center, Loader, Stack } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";

import { useIndividuals } from "@/data/individuals";
import { useProject, useSkeleton } from "@/data/projects";
import { useMe } from "@/data/session";

import { Labeller } from "./Labeller";

const route = getRouteApi("/app/projects/$projectId/label");

export function LabellerPage() {
  const { projectId } = route.useParams();
  const search = route.useSearch();
  const skeleton = useSkeleton(projectId);
  const individuals = useIndividuals(projectId);
  const project = useProject(projectId);
  const me = useMe().data?.user;
  const drawn = useMemo(() => skeleton.data?.keypoints.map(({ id, name, color }) => ({ id, name, color })), [skeleton.data]);
  // Without the network the lists read earlier go on serving.
  const problem = [skeleton, individuals, project].find((query) => query.error !== null && query.data === undefined)?.error ?? null;
  if (problem !== null) return <Failed problem={problem} onRetry={() => void Promise.all([skeleton.refetch(), individuals.refetch(), project.refetch()])} />;
  if (!drawn || !skeleton.data || !individuals.data || !project.data || !me) {
    return (
      <Center h="100%">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  return (
    <Labeller
      key={`${projectId} ${String(search.own === true)}`}
      projectId={projectId}
      user={me.id}
      search={search}
      keypoints={drawn}
      edges={skeleton.data.edges}
      individuals={individuals.data.items}
      role={project.data.role}
    />
  );
}

function Failed({ problem, onRetry }: { problem: Error; onRetry: () => void }) {
  return (
    <Center h="100%">
      <Alert color="orange" title="This project could not be opened">
        <Stack gap="xs" align="flex-start">
          {problem.message}
          <Button onClick={onRetry}>Try again</Button>
        </Stack>
      </Alert>
    </Center>
  );
}
