import { Button, CloseButton, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconClock, IconPencil, IconPhoto, IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { AskDelete } from "@/components/AskDelete";
import { EmptyState } from "@/components/EmptyState";
import { JobProgress } from "@/components/JobProgress";
import { LinkButton } from "@/components/LinkButton";
import { PageFrame } from "@/components/PageFrame";
import { StateTag } from "@/components/StateTag";
import { bytes, count, plural } from "@/core/format";
import { useDeleteFrames, useFrames } from "@/data/frames";
import { isActive, useJobs } from "@/data/jobs";
import { notifyDone } from "@/data/notify";
import { useProject } from "@/data/projects";
import type { FrameState } from "@/data/types";
import { useVideos } from "@/data/videos";

import { AddFrames } from "./AddFrames";
import { AssignMenu } from "./AssignMenu";
import { FrameGrid } from "./FrameGrid";
import { QueueDrawer } from "./QueueDrawer";

const STATES = [
  { value: "all", label: "All" },
  { value: "todo", label: "To do" },
  { value: "draft", label: "Draft" },
  { value: "submitted", label: "Submitted" },
  { value: "accepted", label: "Accepted" },
];

export function FramesPage() {
  const { projectId } = useParams({ from: "/app/projects/$projectId/frames" });
  const search = useSearch({ from: "/app/projects/$projectId/frames" });
  const navigate = useNavigate({ from: "/projects/$projectId/frames" });
  const project = useProject(projectId).data;
  const frames = useFrames(projectId, search);
  const videos = useVideos(projectId).items;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const canEdit = project?.role === "owner" || project?.role === "editor";
  const filtered = search.state !== undefined || search.video !== undefined;
  const counts = project?.counts;
  return (
    <PageFrame
      title="Frames"
      note={counts && counts.frames > 0 ? `${count(counts.labelled)} of ${count(counts.frames)} labelled` : undefined}
      actions={
        <>
          {counts && counts.labelled > 0 && (
            <LinkButton to="/projects/$projectId/labelling" params={{ projectId }} variant="default" leftSection={<IconClock size={14} />}>
              Time spent
            </LinkButton>
          )}
          <QueueDrawer project={projectId} canEdit={canEdit} />
          {canEdit && <AddFrames project={projectId} />}
          {frames.items.length > 0 && (
            <LinkButton
              to="/projects/$projectId/label"
              params={{ projectId }}
              search={search}
              leftSection={<IconPencil size={14} />}
            >
              Label
            </LinkButton>
          )}
        </>
      }
      toolbar={
        selected.size > 0 ? (
          <ChosenBar project={projectId} chosen={selected} onClear={() => setSelected(new Set())} />
        ) : (
          <Group gap="xs">
            <SegmentedControl
              data={STATES}
              value={search.state ?? "all"}
              onChange={(value) => set({ state: value === "all" ? undefined : (value as FrameState) })}
              aria-label="State"
            />
            {videos.length > 0 && (
              <Select
                size="xs"
                w={240}
                placeholder="All videos"
                aria-label="Video"
                searchable
                clearable
                limit={100}
                data={videos.map((video) => ({ value: video.id, label: video.name }))}
                value={search.video ?? null}
                onChange={(id) => set({ video: id ?? undefined })}
              />
            )}
          </Group>
        )
      }
    >
      <Selecting project={projectId} />
      <FrameGrid
        project={projectId}
        frames={frames}
        filter={search}
        {...(canEdit ? { selected, onSelect: setSelected } : {})}
        empty={
          filtered ? (
            <EmptyState
              icon={IconPhoto}
              action={
                <Button variant="default" onClick={() => set({ state: undefined, video: undefined })}>
                  Show all frames
                </Button>
              }
            >
              No frame matches these filters.
            </EmptyState>
          ) : (
            <EmptyState icon={IconPhoto} action={canEdit && <AddFrames project={projectId} primary />}>
              Choose some frames of your videos: twenty varied ones of each are a good start.
            </EmptyState>
          )
        }
      />
    </PageFrame>
  );
}

/** Selections under way: their frames appear when each is through. */
function Selecting({ project }: { project: string }) {
  const running = useJobs(project, { kind: "frames" }).items.filter((job) => isActive(job.state));
  if (running.length === 0) return null;
  return (
    <Stack gap={8} px="md" py="sm" bg="var(--tb-sunken)" style={{ borderBottom: "1px solid var(--tb-border)" }}>
      {running.slice(0, 3).map((job) => (
        <Group key={job.id} wrap="nowrap" gap="md">
          <Text w={320} className="truncate">
            {job.title}
          </Text>
          {job.state === "running" ? <JobProgress job={job} width={320} /> : <StateTag state={job.state} />}
        </Group>
      ))}
      {running.length > 3 && <Text c="dimmed">and {running.length - 3} more</Text>}
    </Stack>
  );
}

interface ChosenProps {
  project: string;
  chosen: ReadonlySet<string>;
  onClear: () => void;
}

function ChosenBar({ project, chosen, onClear }: ChosenProps) {
  const [asking, setAsking] = useState(false);
  const remove = useDeleteFrames(project, (freed) => {
    notifyDone(`${plural(chosen.size, "frame")} in the trash; emptying it frees ${bytes(freed)}.`);
    setAsking(false);
    onClear();
  });
  return (
    <Group gap="xs">
      <CloseButton size="sm" onClick={onClear} aria-label="Clear selection" />
      <Text fw={500} mr="xs">
        {plural(chosen.size, "frame")} chosen
      </Text>
      <AssignMenu project={project} chosen={chosen} />
      <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setAsking(true)}>
        Delete
      </Button>
      <AskDelete
        opened={asking}
        onClose={() => setAsking(false)}
        busy={remove.isPending}
        title={`Delete ${plural(chosen.size, "frame")}?`}
        onConfirm={() => remove.mutate([...chosen])}
      >
        Their labels go with them. They stay in the trash for 30 days.
      </AskDelete>
    </Group>
  );
}
