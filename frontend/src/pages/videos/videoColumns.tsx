import { Badge, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconFolderOpen } from "@tabler/icons-react";

import type { Column } from "@/components/DataTable";
import { Poster } from "@/components/Poster";
import { StateTag } from "@/components/StateTag";
import { bytes, count, decimal, duration } from "@/core/format";
import type { Recording, Video } from "@/data/types";

export const videoColumns: readonly Column<Video>[] = [
  { key: "name", header: "Video", width: "minmax(240px, 2.2fr)", render: (video) => <NameCell video={video} /> },
  { key: "recording", header: "Recording", width: "minmax(180px, 2fr)", render: (video) => <RecordingCell recording={video.recording} /> },
  { key: "frames", header: "Frames", width: "88px", align: "right", render: (video) => count(video.frame_count) },
  { key: "fps", header: "Frames/s", width: "80px", align: "right", render: (video) => decimal(video.fps_value, 2) },
  { key: "length", header: "Length", width: "100px", align: "right", render: (video) => duration(video.duration_s) },
  {
    key: "pixels",
    header: "Pixels",
    width: "104px",
    align: "right",
    render: (video) => (video.width && video.height ? `${video.width} × ${video.height}` : "–"),
  },
  { key: "size", header: "Size", width: "84px", align: "right", render: (video) => bytes(video.size_bytes) },
  { key: "state", header: "State", width: "minmax(176px, 1.6fr)", render: (video) => <StateCell video={video} /> },
];

function NameCell({ video }: { video: Video }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Poster url={video.poster_url} />
      <Stack gap={0} miw={0}>
        <Text fw={500} className="truncate" title={video.name}>
          {video.name}
        </Text>
        {(video.view !== null || video.in_place) && (
          <Group gap={6} wrap="nowrap" c="dimmed" fz="xs">
            {video.view !== null && <span>view {video.view}</span>}
            {video.in_place && (
              <Tooltip label={`Read in place: ${video.root ?? ""}/${video.relative_path ?? ""}`}>
                <Group gap={4} wrap="nowrap">
                  <IconFolderOpen size={12} />
                  in place
                </Group>
              </Tooltip>
            )}
          </Group>
        )}
      </Stack>
    </Group>
  );
}

function recordingFields(recording: Recording): [string, string][] {
  const usual = (["animal", "session", "rig", "condition"] as const).map((key): [string, string | null] => [key, recording[key]]);
  return [...usual, ...Object.entries(recording.fields)].filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== "");
}

/** Fields that say more than the recording's name does. */
function tellingFields(recording: Recording): [string, string][] {
  return recordingFields(recording).filter(([, value]) => value !== recording.name);
}

function RecordingCell({ recording }: { recording: Recording }) {
  const fields = tellingFields(recording);
  return (
    <Stack gap={1} miw={0}>
      <span className="truncate">{recording.name}</span>
      {fields.length > 0 && (
        <Group gap={4} wrap="nowrap" style={{ overflow: "hidden" }}>
          {fields.map(([key, value]) => (
            <Tooltip key={key} label={key}>
              <Badge size="xs" color="gray" variant="light" fz={11}>
                {value}
              </Badge>
            </Tooltip>
          ))}
        </Group>
      )}
    </Stack>
  );
}

function StateCell({ video }: { video: Video }) {
  if (video.state !== "rejected") return <StateTag state={video.state} />;
  return (
    <Stack gap={0}>
      <StateTag state="rejected" />
      <Text size="xs" c="dimmed" className="truncate" title={video.error_detail ?? ""}>
        {video.error_detail ?? video.error_code}
      </Text>
    </Stack>
  );
}
