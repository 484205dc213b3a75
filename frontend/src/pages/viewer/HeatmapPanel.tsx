import { Alert, Button, Group, Select, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import type { Heatmap } from "@/canvas/heatmap";
import { isActive, useJob } from "@/data/jobs";
import { useDrawHeatmap } from "@/data/models";
import type { Job, Prediction } from "@/data/types";

import classes from "./viewer.module.css";

const ALL = "All keypoints";

interface Props {
  projectId: string;
  prediction: Prediction;
  frame: number;
  shown: Heatmap | null;
  onShow: (heatmap: Heatmap | null) => void;
}

/** Where the network itself sees each keypoint in the frame that is shown; a worker draws it within seconds. */
export function HeatmapPanel({ projectId, prediction, frame, shown, onShow }: Props) {
  const [keypoint, setKeypoint] = useState(ALL);
  const [asked, setAsked] = useState<string | null>(null);
  const draw = useDrawHeatmap(projectId, prediction.model?.id ?? "", setAsked);
  const job = useJob(projectId, asked).data;
  const drawing = draw.isPending || (asked !== null && (job === undefined || isActive(job.state)));
  useEffect(() => {
    if (job?.state !== "succeeded") return;
    return loadHeatmap(job, (heatmap) => {
      onShow(heatmap);
      setAsked(null);
    });
  }, [job, onShow]);
  if (prediction.model === null) return null;
  // Of several animals each keypoint stands for all of them, and has no map of its own.
  const names = prediction.individuals.length > 1 ? [] : prediction.keypoints;
  const start = () => draw.mutate({ video_id: prediction.video.id, frame, keypoint: keypoint === ALL ? null : keypoint });
  return (
    <section className={classes.heatmap} aria-label="Heatmap">
      <Text size="sm" fw={600} pb={4}>
        Heatmap
      </Text>
      <Select aria-label="Keypoint of the heatmap" size="xs" data={[ALL, ...names]} value={keypoint} onChange={(value) => setKeypoint(value ?? ALL)} allowDeselect={false} searchable />
      <Group gap="xs" mt={6}>
        <Button variant="default" loading={drawing} onClick={start}>
          Draw for frame {frame}
        </Button>
        {shown !== null && (
          <Button variant="subtle" onClick={() => onShow(null)}>
            Hide
          </Button>
        )}
      </Group>
      {shown !== null && shown.frame !== frame && (
        <Text size="xs" c="dimmed" mt={4}>
          Drawn for frame {shown.frame}.
        </Text>
      )}
      {job?.state === "failed" && (
        <Alert color="orange" p="xs" mt="xs">
          {job.error_detail}
        </Alert>
      )}
    </section>
  );
}

/** Fetches the picture of a finished job; the returned function stops waiting for it. */
function loadHeatmap(job: Job, onShow: (heatmap: Heatmap) => void): () => void {
  const result = job.result as { frame: number; region: Heatmap["region"] };
  const picture = new Image();
  picture.onload = () => onShow({ frame: result.frame, region: result.region, picture });
  picture.src = job.artifacts[0]?.url ?? "";
  return () => {
    picture.onload = null;
  };
}
