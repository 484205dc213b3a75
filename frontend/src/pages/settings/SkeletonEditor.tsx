import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { plural } from "@/core/format";
import { addKeypoints, mistake, type SkeletonDraft } from "@/core/skeletonDraft";
import { notifyDone } from "@/data/notify";
import { useSaveSkeleton, useSkeleton } from "@/data/projects";
import type { Project } from "@/data/types";

import { EdgeEditor } from "./EdgeEditor";
import { KeypointTable } from "./KeypointTable";
import { PasteKeypoints } from "./PasteKeypoints";
import { SkeletonDrawing } from "./SkeletonDrawing";
import { ViewEditor } from "./ViewEditor";

export function SkeletonEditor({ project }: { project: Project }) {
  const skeleton = useSkeleton(project.id);
  if (skeleton.error && !skeleton.data) return <ErrorState error={skeleton.error} onRetry={() => void skeleton.refetch()} />;
  if (!skeleton.data) return <Skeleton height={320} />;
  return <Editor project={project} stored={skeleton.data} />;
}

function Editor({ project, stored }: { project: Project; stored: SkeletonDraft }) {
  const [edited, setDraft] = useState<SkeletonDraft | null>(null);
  const [pasting, setPasting] = useState(false);
  const draft = edited ?? stored;
  const save = useSaveSkeleton(project.id, () => {
    setDraft(null);
    notifyDone("Skeleton saved.");
  });
  const canEdit = project.role === "owner" || project.role === "editor";
  const wrong = mistake(draft);
  const removed = stored.keypoints.filter((old) => !draft.keypoints.some((keypoint) => keypoint.id === old.id)).length;
  const add = () => setDraft(addKeypoints(draft, [`keypoint ${draft.keypoints.length + 1}`]));
  return (
    <Stack gap="lg" maw={960}>
      <Group justify="space-between">
        <Text c="dimmed">
          {plural(draft.keypoints.length, "keypoint")}, {plural(draft.edges.length, "edge")}
        </Text>
        {canEdit && (
          <Group gap="xs">
            <Button variant="default" onClick={() => setPasting(true)}>
              Paste names
            </Button>
            <Button variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
              Add keypoint
            </Button>
          </Group>
        )}
      </Group>
      <SkeletonDrawing project={project.id} draft={draft} onChange={setDraft} readOnly={!canEdit} />
      <KeypointTable draft={draft} onChange={setDraft} readOnly={!canEdit} />
      <EdgeEditor draft={draft} onChange={setDraft} readOnly={!canEdit} />
      <ViewEditor draft={draft} onChange={setDraft} readOnly={!canEdit} />
      {edited !== null && (
        <Group gap="xs" justify="flex-end" pos="sticky" bottom={-16} py="sm" bg="var(--tb-bg)" style={{ borderTop: "1px solid var(--tb-border)" }}>
          <Text c={wrong === null ? "dimmed" : "var(--tb-bad)"} mr="auto">
            {wrong ?? (removed > 0 ? `${plural(removed, "keypoint")} will be retired; labels are kept.` : "Not saved yet.")}
          </Text>
          <Button variant="default" onClick={() => setDraft(null)}>
            Discard
          </Button>
          <Button disabled={wrong !== null} loading={save.isPending} onClick={() => save.mutate(draft)}>
            Save skeleton
          </Button>
        </Group>
      )}
      <PasteKeypoints
        opened={pasting}
        onClose={() => setPasting(false)}
        onNames={(names) => {
          setDraft(addKeypoints(draft, names));
          setPasting(false);
        }}
      />
    </Stack>
  );
}
