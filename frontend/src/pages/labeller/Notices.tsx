import { Alert, Button, Group, Stack, Text } from "@mantine/core";

import type { SessionSnapshot } from "@/core/labelSession";

import classes from "./labeller.module.css";
import type { FrameQueue } from "./useFrameQueue";

interface NoticesProps {
  snapshot: SessionSnapshot;
  problem: string | null;
  queue: FrameQueue;
  onResolve: (keep: "mine" | "theirs") => void;
  onBack: () => void;
}

export function Notices({ snapshot, problem, queue, onResolve, onBack }: NoticesProps) {
  if (queue.error !== null) {
    return (
      <Alert className={classes.notice} color="orange" title="The frames could not be loaded">
        {queue.error.message} <Button variant="light" onClick={() => queue.retry()}>Try again</Button>
      </Alert>
    );
  }
  if (!queue.isPending && queue.frames.length === 0) {
    return (
      <Alert className={classes.notice} title="Nothing to label here">
        <Stack gap="xs" align="flex-start">
          Choose frames from your videos, then label them here.
          <Button onClick={onBack}>Choose frames</Button>
        </Stack>
      </Alert>
    );
  }
  if (snapshot.conflicts.size > 0) {
    return (
      <Alert className={classes.notice} color="orange" title="Someone else moved the same points">
        <Group gap="xs">
          <Text size="sm">{snapshot.conflicts.size} changed on both sides.</Text>
          <Button onClick={() => onResolve("mine")}>Keep mine</Button>
          <Button variant="default" onClick={() => onResolve("theirs")}>
            Take theirs
          </Button>
        </Group>
      </Alert>
    );
  }
  const message = snapshot.error ?? problem;
  return message === null ? null : (
    <Alert className={classes.notice} color="orange" title="That did not work">
      {message}
    </Alert>
  );
}
