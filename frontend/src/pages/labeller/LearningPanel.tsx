import { CloseButton, Group, Stack, Text } from "@mantine/core";

import { ErrorState } from "@/components/ErrorState";
import { Pending } from "@/components/Pending";
import { Learning } from "@/components/Learning";
import { plural } from "@/core/format";
import { usePrelabels } from "@/data/review";

import classes from "./labeller.module.css";

interface Props {
  projectId: string;
  onClose: () => void;
}

/** How good the network has become by what was labelled, and what more labels should bring. */
export function LearningPanel({ projectId, onClose }: Props) {
  const found = usePrelabels(projectId);
  return (
    <Stack className={classes.panel} gap="xs" role="dialog" aria-label="What the labels bring">
      <Group justify="space-between">
        <Text fw={600}>What the labels bring</Text>
        <CloseButton size="sm" aria-label="Close what the labels bring" onClick={onClose} />
      </Group>
      {found.error && !found.data ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending && <Pending />}
      {found.data && (
        <>
          <Text c="dimmed" size="sm">
            {plural(found.data.labels, "frame")} finished
            {found.data.next_at !== null && `; the network learns again at ${found.data.next_at}`}.
          </Text>
          <Learning found={found.data} />
        </>
      )}
    </Stack>
  );
}
