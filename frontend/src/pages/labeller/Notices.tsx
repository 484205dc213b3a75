import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { memo } from "react";

import type { SessionSnapshot } from "@/core/labelSession";
import { splitKey } from "@/core/labels";
import type { DrawnKeypoint } from "@/core/skeleton";

import classes from "./labeller.module.css";
import type { QueuedFrame } from "./queuedFrame";
import type { FrameQueue } from "./useFrameQueue";

interface NoticesProps {
  snapshot: SessionSnapshot;
  frame: QueuedFrame | null;
  keypoints: readonly DrawnKeypoint[];
  problem: string | null;
  queue: FrameQueue;
  onResolve: (keep: "mine" | "theirs") => void;
  onBack: () => void;
}

export const Notices = memo(function Notices({ snapshot, frame, keypoints, problem, queue, onResolve, onBack }: NoticesProps) {
  if (queue.error !== null) {
    return (
      <Alert className={classes.notice} variant="filled" color="orange" title="The frames could not be loaded">
        {queue.error.message}{" "}
        <Button variant="white" onClick={() => queue.retry()}>
          Try again
        </Button>
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
  if (snapshot.conflicts.size > 0) return <Conflict snapshot={snapshot} keypoints={keypoints} onResolve={onResolve} />;
  const message = snapshot.error ?? problem;
  if (message !== null) {
    return (
      <Alert className={classes.notice} color="orange" title="That did not work">
        {message}
      </Alert>
    );
  }
  if (!snapshot.read) {
    return (
      <Alert className={classes.notice} color="yellow" title="Not connected">
        What this frame holds is not known here yet. What you mark is kept, and compared once the connection is back.
      </Alert>
    );
  }
  if (frame?.skipped != null) {
    return (
      <Alert className={classes.notice} color="gray" title="Skipped">
        {frame.skipped}
      </Alert>
    );
  }
  return frame?.note == null ? null : (
    <Alert className={classes.notice} color="yellow" title="Returned">
      {frame.note}
    </Alert>
  );
});

function Conflict({ snapshot, keypoints, onResolve }: Pick<NoticesProps, "snapshot" | "keypoints" | "onResolve">) {
  const ids = new Set([...snapshot.conflicts.keys()].map((key) => splitKey(key).keypoint));
  const names = keypoints.filter((keypoint) => ids.has(keypoint.id)).map((keypoint) => keypoint.name);
  return (
    <Alert className={classes.notice} color="orange" title="Someone else moved the same points">
      <Stack gap="xs">
        <Text size="sm">{names.join(", ")}: dashed is where they are now, filled is where you put them.</Text>
        <Group gap="xs">
          <Button onClick={() => onResolve("mine")}>Keep mine</Button>
          <Button variant="default" onClick={() => onResolve("theirs")}>
            Take theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
