import { Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { IconFolder, IconPlus } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { LinkButton } from "@/components/LinkButton";
import { ago, count, plural } from "@/core/format";
import { useProjects, useRestoreProject, useTrashedProjects } from "@/data/projects";
import type { Project } from "@/data/types";
import { usePosters } from "@/data/videos";

import { NewProject } from "./NewProject";
import classes from "./ProjectsPage.module.css";

export function ProjectsPage() {
  const { new: creating } = useSearch({ from: "/app/" });
  const navigate = useNavigate();
  const projects = useProjects();
  const create = <NewProjectButton />;
  return (
    <div className={classes.page}>
      <Group justify="space-between" mb="md">
        <Title order={1}>Projects</Title>
        {projects.items.length > 0 && create}
      </Group>
      {projects.error && <ErrorState error={projects.error} onRetry={projects.retry} />}
      {!projects.error && !projects.isPending && projects.items.length === 0 && (
        <EmptyState icon={IconFolder} action={create}>
          A project holds videos of one kind of animal, the keypoints to find, and the networks that find them.
        </EmptyState>
      )}
      <div className={classes.cards}>
        {projects.isPending && !projects.error && [0, 1, 2].map((n) => <Skeleton key={n} height={212} radius="md" />)}
        {projects.items.map((project) => (
          <ProjectCard key={project.id} project={project} />
        ))}
      </div>
      {projects.hasMore && (
        <Group justify="center" mt="md">
          <Button variant="default" onClick={projects.loadMore} loading={projects.loadingMore}>
            Show more
          </Button>
        </Group>
      )}
      <DeletedProjects />
      <NewProject opened={creating === true} onClose={() => void navigate({ to: "/", search: {} })} />
    </div>
  );
}

/** What was deleted in the last 30 days; quiet while there is nothing. */
function DeletedProjects() {
  const trashed = useTrashedProjects().data ?? [];
  const restore = useRestoreProject();
  if (trashed.length === 0) return null;
  return (
    <section className={classes.trashed}>
      <Text c="dimmed" mb={4}>
        Deleted, kept for 30 days
      </Text>
      {trashed.map((project) => (
        <Group key={project.id} gap="sm">
          <Text>{project.name}</Text>
          <Button variant="default" size="compact-xs" loading={restore.isPending} onClick={() => restore.mutate(project.id)}>
            Bring back
          </Button>
        </Group>
      ))}
    </section>
  );
}

function NewProjectButton() {
  return (
    <LinkButton to="/" search={{ new: true }} leftSection={<IconPlus size={14} />}>
      New project
    </LinkButton>
  );
}

function ProjectCard({ project }: { project: Project }) {
  const [now] = useState(Date.now);
  const { counts } = project;
  const posters = usePosters(project.id, counts.videos > 0);
  return (
    <Link to="/projects/$projectId/videos" params={{ projectId: project.id }} className={classes.card}>
      <Collage urls={posters.data ?? []} />
      <div className={classes.text}>
        <Text fw={600} size="md" className="truncate" title={project.name}>
          {project.name}
        </Text>
        <Text c="dimmed" className="truncate">
          {project.description || " "}
        </Text>
        <Group gap="md" mt={8} c="dimmed" wrap="nowrap">
          <span>{plural(counts.videos, "video")}</span>
          <span>
            {count(counts.labelled)} / {count(counts.frames)} labelled
          </span>
          <span>{plural(counts.models, "model")}</span>
        </Group>
        <Text size="xs" c="dimmed" mt={4}>
          {ago(project.created_at, now)}
        </Text>
      </div>
    </Link>
  );
}

function Collage({ urls }: { urls: string[] }) {
  if (urls.length === 0) {
    return (
      <div className={classes.nopicture}>
        <IconFolder size={28} stroke={1.1} />
      </div>
    );
  }
  const shown = urls.slice(0, urls.length >= 3 ? 3 : 1);
  return (
    <div className={classes.collage} data-count={shown.length}>
      {shown.map((url) => (
        <img key={url} src={url} alt="" loading="lazy" decoding="async" />
      ))}
    </div>
  );
}
