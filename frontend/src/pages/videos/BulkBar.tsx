import { Button, CloseButton, Group, Text } from "@mantine/core";
import { IconChartDots, IconPhotoPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { AskDelete } from "@/components/AskDelete";
import { bytes, plural } from "@/core/format";
import { notifyDone } from "@/data/notify";
import type { Video } from "@/data/types";
import { useDeleteVideos } from "@/data/videos";

import { SelectFramesDialog } from "../frames/SelectFramesDialog";
import { PredictDialog } from "../predictions/PredictDialog";

interface Props {
  project: string;
  videos: Video[];
  onClear: () => void;
}

/** What can be done with the chosen videos. */
export function BulkBar({ project, videos, onClear }: Props) {
  const [dialog, setDialog] = useState<"frames" | "predict" | "delete" | null>(null);
  const close = () => setDialog(null);
  const remove = useDeleteVideos(project, (freed) => {
    notifyDone(`${plural(videos.length, "video")} in the trash; emptying it frees ${bytes(freed)}.`);
    close();
    onClear();
  });
  const ready = videos.filter((video) => video.state === "ready");
  return (
    <Group gap="xs">
      <CloseButton size="sm" onClick={onClear} aria-label="Clear selection" />
      <Text fw={500} mr="xs">
        {plural(videos.length, "video")} chosen
      </Text>
      <Button variant="default" leftSection={<IconPhotoPlus size={14} />} disabled={ready.length === 0} onClick={() => setDialog("frames")}>
        Select frames
      </Button>
      <Button variant="default" leftSection={<IconChartDots size={14} />} disabled={ready.length === 0} onClick={() => setDialog("predict")}>
        Predict
      </Button>
      <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setDialog("delete")}>
        Delete
      </Button>
      <SelectFramesDialog project={project} videos={ready} opened={dialog === "frames"} onClose={close} />
      <PredictDialog project={project} videos={ready} opened={dialog === "predict"} onClose={close} />
      <AskDelete
        opened={dialog === "delete"}
        onClose={close}
        busy={remove.isPending}
        title={`Delete ${plural(videos.length, "video")}?`}
        onConfirm={() => remove.mutate(videos.map((video) => video.id))}
      >
        Their frames, labels and predictions go with them. Everything stays in the trash for 30 days. Files read in place are not
        touched.
      </AskDelete>
    </Group>
  );
}
