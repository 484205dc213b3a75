import { Button, Group, Modal, NumberInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";

import { parseIndices } from "@/core/frameNumbers";
import { count, plural } from "@/core/format";
import { useAddFrames, useSelectFrames } from "@/data/frames";
import { notifyDone } from "@/data/notify";
import type { Video } from "@/data/types";

interface Props {
  project: string;
  videos: Video[];
  opened: boolean;
  onClose: () => void;
}

const METHODS = [
  { value: "kmeans", label: "Varied poses" },
  { value: "uniform", label: "Evenly spaced" },
  { value: "hand", label: "By hand" },
];

const EXPLAIN: Record<string, string> = {
  kmeans: "Groups the moving frames by how they look (k-means) and takes one of each group, away from frames you have.",
  uniform: "Takes frames at equal distances.",
  hand: "Takes exactly the frames you name, counted from 0.",
};

export function SelectFramesDialog({ project, videos, opened, onClose }: Props) {
  const only = videos.length === 1 ? videos[0] : undefined;
  return (
    <Modal opened={opened} onClose={onClose} title={only ? `Select frames of ${only.name}` : `Select frames of ${plural(videos.length, "video")}`}>
      <SelectForm project={project} videos={videos} onClose={onClose} />
    </Modal>
  );
}

function SelectForm({ project, videos, onClose }: Omit<Props, "opened">) {
  const only = videos.length === 1 ? videos[0] : undefined;
  const done = (text: string) => {
    notifyDone(text);
    onClose();
  };
  const select = useSelectFrames(project, ({ jobs }) => done(`${plural(jobs.length, "selection")} under way; frames appear as they are cut.`));
  const add = useAddFrames(project, () => done("The frames appear as soon as they are cut."));
  const form = useForm({
    initialValues: { method: "kmeans", count: 20 as number | string, start: "" as number | string, end: "" as number | string, numbers: "" },
  });
  const { method } = form.values;
  const numbers = parseIndices(form.values.numbers, only?.frame_count ?? null);
  const submit = form.onSubmit((values) => {
    if (values.method === "hand") {
      if (only && numbers.indices.length > 0) add.mutate({ video_id: only.id, indices: numbers.indices });
      return;
    }
    select.mutate({
      video_ids: videos.map((video) => video.id),
      method: values.method === "uniform" ? "uniform" : "kmeans",
      count: Number(values.count),
      seed: 0,
      ...(values.start === "" ? {} : { start: Number(values.start) }),
      ...(values.end === "" ? {} : { end: Number(values.end) }),
    });
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <SegmentedControl fullWidth data={only ? METHODS : METHODS.slice(0, 2)} {...form.getInputProps("method")} aria-label="Method" />
        <Text c="dimmed">{EXPLAIN[method]}</Text>
        {method === "hand" ? (
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
            <Group grow>
              <NumberInput label="From frame" placeholder="first" min={0} {...form.getInputProps("start")} />
              <NumberInput label="To frame" placeholder="last" min={1} {...form.getInputProps("end")} />
            </Group>
          </>
        )}
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={select.isPending || add.isPending}
            disabled={method === "hand" && (numbers.error !== null || numbers.indices.length === 0)}
          >
            {method === "hand" ? `Add ${plural(numbers.indices.length, "frame")}` : "Select frames"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
