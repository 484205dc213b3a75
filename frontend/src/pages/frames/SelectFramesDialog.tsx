import { Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";

import { parseIndices, parseRanges } from "@/core/frameNumbers";
import { count, plural } from "@/core/format";
import { useAddFrames, useSelectFrames } from "@/data/frames";
import { notifyDone } from "@/data/notify";
import type { SelectMethod, Video } from "@/data/types";

import { PreviewFrames } from "./PreviewFrames";

interface Props {
  project: string;
  videos: Video[];
  opened: boolean;
  onClose: () => void;
}

const WAYS = [
  { value: "kmeans", label: "Varied poses" },
  { value: "uniform", label: "Evenly spaced" },
  { value: "outliers", label: "Where a model errs" },
  { value: "hand", label: "By hand" },
];

const EXPLAIN: Record<string, string> = {
  kmeans: "Groups the frames by how they look (k-means) and takes one of each group, away from frames you have.",
  uniform: "Takes frames at equal distances.",
  outliers: "Looks at the latest predictions of each video and takes the worst frames, no two alike.",
  hand: "Takes exactly the frames you name, counted from 0.",
};

const OUTLIERS: { value: SelectMethod; label: string }[] = [
  { value: "confidence", label: "The model is unsure" },
  { value: "jumps", label: "A point jumps" },
  { value: "fitting", label: "A point leaves its course" },
  { value: "pca", label: "An unusual pose" },
  { value: "disagreement", label: "Several models disagree" },
];

export function SelectFramesDialog({ project, videos, opened, onClose }: Props) {
  const [preview, setPreview] = useState<string | null>(null);
  const only = videos.length === 1 ? videos[0] : undefined;
  const close = () => {
    setPreview(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      size={preview === null ? "md" : "min(1100px, 95vw)"}
      title={only ? `Select frames of ${only.name}` : `Select frames of ${plural(videos.length, "video")}`}
    >
      {preview !== null && only ? (
        <PreviewFrames project={project} video={only} job={preview} onBack={() => setPreview(null)} onClose={close} />
      ) : (
        <SelectForm project={project} videos={videos} onClose={close} onPreview={setPreview} />
      )}
    </Modal>
  );
}

type FormProps = Omit<Props, "opened"> & { onPreview: (job: string) => void };

function SelectForm({ project, videos, onClose, onPreview }: FormProps) {
  const only = videos.length === 1 ? videos[0] : undefined;
  const done = (text: string) => {
    notifyDone(text);
    onClose();
  };
  const select = useSelectFrames(project, ({ jobs }) => done(`${plural(jobs.length, "selection")} under way; frames appear as they are cut.`));
  const look = useSelectFrames(project, ({ jobs }) => jobs[0] && onPreview(jobs[0].id));
  const add = useAddFrames(project, () => done("The frames appear as soon as they are cut."));
  const form = useForm({
    initialValues: { way: "kmeans", outlier: "confidence" as SelectMethod, count: 20 as number | string, parts: "", numbers: "" },
  });
  const { way, outlier } = form.values;
  const numbers = parseIndices(form.values.numbers, only?.frame_count ?? null);
  const parts = parseRanges(form.values.parts);
  const selection = (preview: boolean) => ({
    video_ids: videos.map((video) => video.id),
    method: way === "outliers" ? outlier : way === "uniform" ? ("uniform" as const) : ("kmeans" as const),
    count: Number(form.values.count),
    ranges: parts.ranges,
    preview,
    seed: 0,
  });
  const submit = form.onSubmit(() => {
    if (way !== "hand") select.mutate(selection(false));
    else if (only && numbers.indices.length > 0) add.mutate({ video_id: only.id, indices: numbers.indices, origin: "manual" });
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          orientation="vertical"
          data={only ? WAYS : WAYS.slice(0, 3)}
          {...form.getInputProps("way")}
          aria-label="Method"
        />
        <Text c="dimmed">{EXPLAIN[way]}</Text>
        {way === "outliers" && (
          <Select label="Frames in which" data={OUTLIERS} allowDeselect={false} {...form.getInputProps("outlier")} />
        )}
        {way === "hand" ? (
          <TextInput
            label="Frame numbers"
            placeholder="0, 120, 300-310"
            description={only?.frame_count ? `0 to ${count(only.frame_count - 1)}` : undefined}
            {...form.getInputProps("numbers")}
            error={numbers.error}
          />
        ) : (
          <>
            <NumberInput label={only ? "Frames" : "Frames of each video"} min={1} max={1000} {...form.getInputProps("count")} />
            <TextInput
              label="Only these parts"
              placeholder="whole video"
              description="By frame, such as 0-500, 900-1200"
              {...form.getInputProps("parts")}
              error={parts.error}
            />
          </>
        )}
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {only && way !== "hand" && (
            <Button
              variant="default"
              loading={look.isPending}
              disabled={parts.error !== null || Number(form.values.count) > 200}
              onClick={() => look.mutate(selection(true))}
            >
              Preview
            </Button>
          )}
          <Button
            type="submit"
            loading={select.isPending || add.isPending}
            disabled={way === "hand" ? numbers.error !== null || numbers.indices.length === 0 : parts.error !== null}
          >
            {way === "hand" ? `Add ${plural(numbers.indices.length, "frame")}` : "Select frames"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
