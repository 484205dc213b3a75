import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { LinkButton } from "@/components/LinkButton";
import { count, decimal, plural } from "@/core/format";
import { useModels } from "@/data/models";
import { notifyDone } from "@/data/notify";
import { usePredict, usePredictions } from "@/data/predictions";
import type { Model, Video } from "@/data/types";

interface Props {
  project: string;
  videos: Video[];
  opened: boolean;
  onClose: () => void;
}

export function PredictDialog({ project, videos, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Predict ${plural(videos.length, "video")}`}>
      <PredictForm project={project} videos={videos} onClose={onClose} />
    </Modal>
  );
}

function PredictForm({ project, videos, onClose }: Omit<Props, "opened">) {
  const models = useModels(project);
  const ready = models.items.filter((model) => model.state === "ready" && model.preset !== "imported");
  const [chosen, setChosen] = useState<string | null>(null);
  const model = chosen ?? ready[0]?.id ?? null;
  const done = usePredictions(project).items.filter((one) => one.model?.id === model && ["ready", "queued", "running"].includes(one.state));
  const todo = videos.filter((video) => !done.some((one) => one.video.id === video.id));
  const frames = todo.reduce((sum, video) => sum + (video.frame_count ?? 0), 0);
  const predict = usePredict(project, (reply) => {
    notifyDone(`${plural(reply.jobs.length, "prediction")} under way.`);
    onClose();
  });
  if (!models.isPending && ready.length === 0) return <NoModel project={project} />;
  return (
    <Stack gap="sm">
      <Select label="Model" data={ready.map(option)} value={model} onChange={setChosen} allowDeselect={false} />
      <Text c="dimmed">
        {plural(todo.length, "video")} to run, {count(frames)} frames
        {videos.length > todo.length && `; ${videos.length - todo.length} done or under way already`}.
      </Text>
      <Group justify="flex-end" gap="xs" mt="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={model === null || todo.length === 0}
          loading={predict.isPending}
          onClick={() => model !== null && predict.mutate({ model_id: model, video_ids: todo.map((video) => video.id) })}
        >
          Predict
        </Button>
      </Group>
    </Stack>
  );
}

function option(model: Model) {
  const error = model.metrics.validation?.mean_px;
  return { value: model.id, label: error ? `${model.name} · ${decimal(error)} px` : model.name };
}

function NoModel({ project }: { project: string }) {
  return (
    <Stack gap="md">
      <Text c="dimmed">There is no trained model yet.</Text>
      <Group justify="flex-end">
        <LinkButton to="/projects/$projectId/models" params={{ projectId: project }}>
          Train a model
        </LinkButton>
      </Group>
    </Stack>
  );
}
