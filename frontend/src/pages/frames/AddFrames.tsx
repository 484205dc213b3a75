import { Button, Checkbox, Group, Modal, ScrollArea, Skeleton, Stack, Text } from "@mantine/core";
import { IconPhotoPlus } from "@tabler/icons-react";
import { useState } from "react";

import { LinkButton } from "@/components/LinkButton";
import { Poster } from "@/components/Poster";
import { count } from "@/core/format";
import type { Video } from "@/data/types";
import { useVideos } from "@/data/videos";

import { SelectFramesDialog } from "./SelectFramesDialog";

/** Chooses videos, then how to choose their frames. */
export function AddFrames({ project, primary = false }: { project: string; primary?: boolean }) {
  const [step, setStep] = useState<"closed" | "videos" | "method">("closed");
  const [videos, setVideos] = useState<Video[]>([]);
  const close = () => setStep("closed");
  return (
    <>
      <Button variant={primary ? "filled" : "default"} leftSection={<IconPhotoPlus size={14} />} onClick={() => setStep("videos")}>
        Select frames
      </Button>
      <Modal opened={step === "videos"} onClose={close} title="Frames of which videos?">
        <ChooseVideos
          project={project}
          onClose={close}
          onChosen={(chosen) => {
            setVideos(chosen);
            setStep("method");
          }}
        />
      </Modal>
      <SelectFramesDialog project={project} videos={videos} opened={step === "method"} onClose={close} />
    </>
  );
}

interface ChooseProps {
  project: string;
  onClose: () => void;
  onChosen: (videos: Video[]) => void;
}

function ChooseVideos({ project, onClose, onChosen }: ChooseProps) {
  const videos = useVideos(project, { state: "ready" });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  if (!videos.isPending && videos.items.length === 0) {
    return (
      <Stack>
        <Text c="dimmed">There is no video that is ready yet.</Text>
        <Group justify="flex-end">
          <LinkButton to="/projects/$projectId/videos" params={{ projectId: project }} onClick={onClose}>
            Add videos
          </LinkButton>
        </Group>
      </Stack>
    );
  }
  const all = chosen.size === videos.items.length;
  return (
    <Stack gap="sm">
      <Checkbox
        label={`All ${count(videos.items.length)} videos`}
        checked={all && chosen.size > 0}
        indeterminate={chosen.size > 0 && !all}
        onChange={() => setChosen(new Set(all ? [] : videos.items.map((video) => video.id)))}
      />
      <ScrollArea.Autosize mah={320}>
        <Stack gap={2}>
          {videos.isPending && [0, 1, 2].map((n) => <Skeleton key={n} height={36} />)}
          {videos.items.map((video) => (
            <Checkbox
              key={video.id}
              checked={chosen.has(video.id)}
              onChange={() => toggle(video.id)}
              styles={{ body: { alignItems: "center" } }}
              label={
                <Group gap="sm" wrap="nowrap">
                  <Poster url={video.poster_url} width={48} height={30} />
                  <span className="truncate">{video.name}</span>
                  <Text size="xs" c="dimmed">
                    {count(video.frame_count)} frames
                  </Text>
                </Group>
              }
            />
          ))}
        </Stack>
      </ScrollArea.Autosize>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={chosen.size === 0} onClick={() => onChosen(videos.items.filter((video) => chosen.has(video.id)))}>
          Continue
        </Button>
      </Group>
    </Stack>
  );
}
