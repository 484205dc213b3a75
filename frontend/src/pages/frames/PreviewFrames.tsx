import { ActionIcon, Alert, Button, Group, Loader, ScrollArea, Stack, Text } from "@mantine/core";
import { IconRefresh, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { JobProgress } from "@/components/JobProgress";
import { plural } from "@/core/format";
import { type FramePreview, remove, replace } from "@/core/framePreview";
import { useAddFrames } from "@/data/frames";
import { isActive, useJob } from "@/data/jobs";
import { notifyDone } from "@/data/notify";
import type { Job, PreviewResult, SelectMethod, Video } from "@/data/types";

import { Looks } from "./Looks";
import classes from "./PreviewFrames.module.css";

interface Props {
  project: string;
  video: Video;
  job: string;
  onBack: () => void;
  onClose: () => void;
}

/** What a selection would add: each frame can be taken out or replaced before any is added. */
export function PreviewFrames(props: Props) {
  const job = useJob(props.project, props.job);
  if (job.error) return <ErrorState error={job.error} onRetry={() => void job.refetch()} />;
  if (job.data === undefined || isActive(job.data.state)) {
    return (
      <Stack align="center" py="xl" role="status">
        <Loader size="sm" />
        <Text c="dimmed">Looking through the video</Text>
        {job.data && <JobProgress job={job.data} width={320} />}
      </Stack>
    );
  }
  if (job.data.state !== "succeeded") {
    return (
      <Stack>
        <Alert color="red" title="No frames were chosen">
          {job.data.error_detail}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={props.onBack}>Choose again</Button>
        </Group>
      </Stack>
    );
  }
  return <Chosen {...props} found={job.data} />;
}

function Chosen({ project, video, found, onBack, onClose }: Props & { found: Job }) {
  const result = found.result as unknown as PreviewResult & { method: SelectMethod };
  const [preview, setPreview] = useState<FramePreview>({ kept: result.indices, spares: result.spares });
  const urls = new Map(found.artifacts.map((artifact) => [artifact.name, artifact.url]));
  const add = useAddFrames(project, () => {
    notifyDone("The frames appear as soon as they are cut.");
    onClose();
  });
  return (
    <Stack gap="sm">
      {result.looks && <Looks looks={result.looks} kept={preview.kept} urls={urls} />}
      {preview.kept.length === 0 && <Text c="dimmed">No frame is left. Choose again, with fewer frames or other parts.</Text>}
      <ScrollArea.Autosize mah="55vh">
        <div className={classes.grid}>
          {preview.kept.map((index) => (
            <Thumbnail
              key={index}
              index={index}
              url={urls.get(`${index}.jpg`)}
              score={result.scores?.[String(index)]}
              canReplace={preview.spares.length > 0}
              onRemove={() => setPreview(remove(preview, index))}
              onReplace={() => setPreview(replace(preview, index))}
            />
          ))}
        </div>
      </ScrollArea.Autosize>
      <Group justify="space-between">
        <Text c="dimmed">{plural(preview.spares.length, "frame")} left to replace by</Text>
        <Group gap="xs">
          <Button variant="default" onClick={onBack}>
            Choose again
          </Button>
          <Button
            disabled={preview.kept.length === 0}
            loading={add.isPending}
            onClick={() => add.mutate({ video_id: video.id, indices: [...preview.kept], origin: result.method })}
          >
            Add {plural(preview.kept.length, "frame")}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

interface ThumbnailProps {
  index: number;
  url: string | undefined;
  score: number | undefined;
  canReplace: boolean;
  onRemove: () => void;
  onReplace: () => void;
}

function Thumbnail({ index, url, score, canReplace, onRemove, onReplace }: ThumbnailProps) {
  return (
    <div className={classes.card}>
      {url && <img src={url} alt={`Frame ${index}`} loading="lazy" decoding="async" />}
      <Group justify="space-between" wrap="nowrap" gap={2} px={6} py={2}>
        <Text size="xs">
          #{index}
          {score !== undefined && <span className={classes.score}> {score.toPrecision(3)}</span>}
        </Text>
        <Group gap={2} wrap="nowrap">
          <ActionIcon variant="subtle" size="sm" disabled={!canReplace} onClick={onReplace} aria-label={`Replace frame ${index}`}>
            <IconRefresh size={14} />
          </ActionIcon>
          <ActionIcon variant="subtle" size="sm" onClick={onRemove} aria-label={`Remove frame ${index}`}>
            <IconX size={14} />
          </ActionIcon>
        </Group>
      </Group>
    </div>
  );
}
