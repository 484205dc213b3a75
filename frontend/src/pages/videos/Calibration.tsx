import { Alert, Button, FileButton, Group, Loader, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { isActive, useJob } from "@/data/jobs";
import { useCalibrate, useRecording, useUncalibrate } from "@/data/videos";

interface Props {
  project: string;
  recording: string;
  canEdit: boolean;
}

/** The recording's calibrated cameras, and where to add the file of them. */
export function Calibration({ project, recording, canEdit }: Props) {
  const client = useQueryClient();
  const calibration = useRecording(project, recording).data?.calibration ?? null;
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(project, jobId).data;
  const calibrate = useCalibrate(project, recording, (made) => setJobId(made.id));
  const remove = useUncalibrate(project, recording);
  const state = job?.state;
  useEffect(() => {
    if (state === "succeeded") void client.invalidateQueries({ queryKey: ["p", project, "recordings"] });
  }, [client, project, state]);
  const busy = calibrate.isPending || (state !== undefined && isActive(state));
  return (
    <Stack gap={6}>
      <Text fw={600}>Calibration</Text>
      <Text c="dimmed">
        {calibration === null
          ? "With the calibration of its cameras (Anipose TOML, OpenCV YAML or JSON) a recording is smoothed in 3-D."
          : `${calibration.filename}: ${calibration.cameras.map((camera) => camera.name).join(", ")}`}
      </Text>
      {job?.state === "failed" && (
        <Alert color="orange" title="This file was not taken">
          {job.error_detail}
        </Alert>
      )}
      {canEdit && (
        <Group gap="xs">
          <FileButton accept=".toml,.yaml,.yml,.json" onChange={(file) => file && calibrate.mutate(file)}>
            {(props) => (
              <Button {...props} variant="default" disabled={busy}>
                {calibration === null ? "Add calibration" : "Replace"}
              </Button>
            )}
          </FileButton>
          {calibration !== null && (
            <Button variant="subtle" color="gray" loading={remove.isPending} onClick={() => remove.mutate()}>
              Remove
            </Button>
          )}
          {busy && <Loader size={14} />}
        </Group>
      )}
    </Stack>
  );
}
