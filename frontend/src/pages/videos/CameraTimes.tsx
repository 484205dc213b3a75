import { Alert, Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { NoTimes, readCameraTimes } from "@/core/cameraTimes";
import { usePutCameraTimes, useRemoveCameraTimes } from "@/data/videos";
import type { Video } from "@/data/types";

interface Props {
  project: string;
  video: Video;
  canEdit: boolean;
}

/** The times of a camera's frames, for cameras that run at their own pace. */
export function CameraTimes({ project, video, canEdit }: Props) {
  const [refused, setRefused] = useState("");
  const put = usePutCameraTimes(project);
  const remove = useRemoveCameraTimes(project);
  const times = video.camera_times;
  const choose = async (file: File | null) => {
    if (file === null) return;
    setRefused("");
    try {
      put.mutate({ id: video.id, filename: file.name, seconds: readCameraTimes(await file.arrayBuffer()) });
    } catch (error) {
      setRefused(error instanceof NoTimes ? error.message : "This file could not be read.");
    }
  };
  if (video.state !== "ready" || video.view === null) return null;
  return (
    <Stack gap={6}>
      <Text fw={600}>Camera times</Text>
      <Text c="dimmed">
        {times === null
          ? "Where cameras run at their own pace, the seconds of every frame (.npy, or a number a line) bring them together."
          : `${times.filename}: ${times.first.toFixed(2)} s to ${times.last.toFixed(2)} s`}
      </Text>
      {refused !== "" && <Alert color="orange">{refused}</Alert>}
      {canEdit && (
        <Group gap="xs">
          <FileButton accept=".npy,.csv,.txt" onChange={(file) => void choose(file)}>
            {(props) => (
              <Button {...props} variant="default" loading={put.isPending}>
                {times === null ? "Add times" : "Replace times"}
              </Button>
            )}
          </FileButton>
          {times !== null && (
            <Button variant="subtle" color="gray" loading={remove.isPending} onClick={() => remove.mutate(video.id)}>
              Remove times
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
