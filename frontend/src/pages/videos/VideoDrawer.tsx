import { Alert, Button, Drawer, Group, Loader, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertTriangle, IconCrop, IconPhoto, IconPhotoPlus } from "@tabler/icons-react";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { Facts } from "@/components/Facts";
import { LinkButton } from "@/components/LinkButton";
import { StateTag } from "@/components/StateTag";
import { bytes, count, dateTime, duration } from "@/core/format";
import { notifyDone } from "@/data/notify";
import type { Recording, Video } from "@/data/types";
import { useChangeRecording, useReadAgain, useVideo, useVideoProxy } from "@/data/videos";

import { SelectFramesDialog } from "../frames/SelectFramesDialog";
import { Calibration } from "./Calibration";
import { CameraTimes } from "./CameraTimes";
import { CropDialog } from "./CropDialog";

interface Props {
  project: string;
  videoId: string | undefined;
  canEdit: boolean;
  onClose: () => void;
}

export function VideoDrawer({ project, videoId, canEdit, onClose }: Props) {
  const video = useVideo(project, videoId);
  return (
    <Drawer
      opened={videoId !== undefined}
      onClose={onClose}
      position="right"
      size={480}
      title={
        <Text fw={600} size="md" style={{ overflowWrap: "anywhere" }}>
          {video.data?.name ?? "Video"}
        </Text>
      }
    >
      {video.error && !video.data && <ErrorState error={video.error} onRetry={() => void video.refetch()} />}
      {video.data && <Details key={video.data.id} project={project} video={video.data} canEdit={canEdit} />}
    </Drawer>
  );
}

function Details({ project, video, canEdit }: { project: string; video: Video; canEdit: boolean }) {
  const [selecting, setSelecting] = useState(false);
  const [cropping, setCropping] = useState(false);
  return (
    <Stack gap="md">
      {video.state === "ready" && <Player project={project} video={video} />}
      {video.state === "rejected" && (
        <Alert color="orange" icon={<IconAlertTriangle />} title="This video cannot be used">
          {video.error_detail} {video.error_code && <Text span c="dimmed">({video.error_code})</Text>}
          {canEdit && video.in_place && <ReadAgain project={project} video={video.id} />}
        </Alert>
      )}
      {video.state === "ready" && (
        <Group gap="xs">
          {canEdit && (
            <Button variant="default" leftSection={<IconPhotoPlus size={14} />} onClick={() => setSelecting(true)}>
              Select frames
            </Button>
          )}
          <LinkButton
            to="/projects/$projectId/frames"
            params={{ projectId: project }}
            search={{ video: video.id }}
            variant="default"
            leftSection={<IconPhoto size={14} />}
          >
            Its frames
          </LinkButton>
          {canEdit && (
            <Button variant="default" leftSection={<IconCrop size={14} />} onClick={() => setCropping(true)}>
              {video.crop === null ? "Crop" : "Change crop"}
            </Button>
          )}
        </Group>
      )}
      <Facts
        facts={[
          ["State", <StateTag key="state" state={video.state} />],
          ["Frames", count(video.frame_count)],
          ["Frame rate", video.fps === null ? "–" : `${video.fps_value?.toFixed(3) ?? ""} (${video.fps})`],
          ["Length", duration(video.duration_s)],
          ["Pixels", video.width && video.height ? `${video.width} × ${video.height}` : "–"],
          ["Crop", video.crop === null ? "whole frame" : `${video.crop.width} × ${video.crop.height} px from left ${video.crop.x}, top ${video.crop.y}`],
          ["Codec", video.codec ?? "–"],
          ["Size", bytes(video.size_bytes)],
          ["Kept", video.in_place ? `in place: ${video.root ?? ""}/${video.relative_path ?? ""}` : "uploaded"],
          ["Added", dateTime(video.created_at)],
        ]}
      />
      <RecordingForm project={project} recording={video.recording} canEdit={canEdit} />
      <Calibration project={project} recording={video.recording.id} canEdit={canEdit} />
      <CameraTimes project={project} video={video} canEdit={canEdit} />
      <SelectFramesDialog project={project} videos={[video]} opened={selecting} onClose={() => setSelecting(false)} />
      <CropDialog project={project} video={video} opened={cropping} onClose={() => setCropping(false)} />
    </Stack>
  );
}

/** Plays the proxy, which the server makes when it is first asked for. */
function Player({ project, video }: { project: string; video: Video }) {
  const proxy = useVideoProxy(project, video.id);
  const url = proxy.data?.url;
  if (proxy.error) return <ErrorState error={proxy.error} onRetry={() => void proxy.refetch()} />;
  if (!url) {
    return (
      <Group gap="xs" c="dimmed" p="md">
        <Loader size={14} /> Making a version that browsers play…
      </Group>
    );
  }
  return (
    <video
      src={url}
      poster={video.poster_url ?? undefined}
      controls
      muted
      preload="metadata"
      style={{ width: "100%", maxHeight: 320, borderRadius: 6, background: "#000" }}
    />
  );
}

const FIELDS = ["animal", "session", "rig", "condition"] as const;

function RecordingForm({ project, recording, canEdit }: { project: string; recording: Recording; canEdit: boolean }) {
  const save = useChangeRecording(project, () => notifyDone("Recording saved."));
  const form = useForm({
    initialValues: {
      name: recording.name,
      animal: recording.animal ?? "",
      session: recording.session ?? "",
      rig: recording.rig ?? "",
      condition: recording.condition ?? "",
    },
  });
  const submit = form.onSubmit((values) => {
    const orNull = (value: string) => (value.trim() === "" ? null : value.trim());
    save.mutate({
      id: recording.id,
      name: values.name.trim(),
      animal: orNull(values.animal),
      session: orNull(values.session),
      rig: orNull(values.rig),
      condition: orNull(values.condition),
    });
    form.resetDirty();
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Text fw={600}>Recording</Text>
        <TextInput label="Name" size="xs" readOnly={!canEdit} required {...form.getInputProps("name")} />
        <Group grow gap="xs">
          {FIELDS.slice(0, 2).map((field) => (
            <TextInput key={field} label={capital(field)} size="xs" readOnly={!canEdit} {...form.getInputProps(field)} />
          ))}
        </Group>
        <Group grow gap="xs">
          {FIELDS.slice(2).map((field) => (
            <TextInput key={field} label={capital(field)} size="xs" readOnly={!canEdit} {...form.getInputProps(field)} />
          ))}
        </Group>
        {Object.entries(recording.fields).length > 0 && <Facts facts={Object.entries(recording.fields)} />}
        {canEdit && (
          <Group justify="flex-end">
            <Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>
              Save recording
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function ReadAgain({ project, video }: { project: string; video: string }) {
  const read = useReadAgain(project);
  return (
    <Button variant="default" mt="xs" display="block" loading={read.isPending} onClick={() => read.mutate(video)}>
      Read it again
    </Button>
  );
}
