import { Accordion, Alert, Button, Group, Modal, NumberInput, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { count, plural } from "@/core/format";
import { type Changes, differing, type Value, valueAt } from "@/core/trainSpec";
import { useSmoothers, useTrainEnsemble } from "@/data/ensembles";
import { usePresets } from "@/data/models";
import type { Preset, Project, Smoother, SmoothSpec, Video } from "@/data/types";
import { useVideos } from "@/data/videos";

import { AdvancedFields } from "../models/AdvancedFields";
import { AnimalsChoice } from "../models/AnimalsChoice";
import { Choice } from "./Choice";
import { SmootherFields } from "./SmootherFields";
import { suggested } from "./smoothing";

interface Props {
  project: Project;
  opened: boolean;
  onClose: () => void;
}

const USUAL_MEMBERS = 5;

export function TrainEnsembleDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Train an ensemble" size="lg">
      <Loaded project={project} onClose={onClose} />
    </Modal>
  );
}

function Loaded({ project, onClose }: Omit<Props, "opened">) {
  const presets = usePresets(project.id);
  const smoothers = useSmoothers(project.id);
  const videos = useVideos(project.id, { state: "ready" });
  const error = presets.error ?? smoothers.error;
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([presets.refetch(), smoothers.refetch()])} />;
  if (!presets.data || !smoothers.data || videos.isPending) return <Skeleton height={280} />;
  return <TrainForm project={project} presets={presets.data} smoothers={smoothers.data} videos={videos.items} onClose={onClose} />;
}

interface FormProps {
  project: Project;
  presets: Preset[];
  smoothers: Smoother[];
  videos: Video[];
  onClose: () => void;
}

function TrainForm({ project, presets, smoothers, videos, onClose }: FormProps) {
  const navigate = useNavigate();
  const [members, setMembers] = useState<number | string>(USUAL_MEMBERS);
  const [preset, setPreset] = useState(presets[0]?.name ?? "");
  const [changes, setChanges] = useState<Changes>({});
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>(videos.map((video) => video.id));
  const [settings, setSettings] = useState<SmoothSpec | null>(() => suggested(smoothers));
  const train = useTrainEnsemble(project.id, ({ ensemble }) =>
    void navigate({ to: "/projects/$projectId/ensembles/$ensembleId", params: { projectId: project.id, ensembleId: ensemble.id } }),
  );
  const { labelled } = project.counts;
  const base = presets.find((one) => one.name === preset);
  const number = Number(members);
  const change = (path: string, value: Value) => setChanges({ ...changes, [path]: value });
  const animals = base?.animals ?? 0;
  const separate = (changes.individuals ?? (base && valueAt(base.spec, "individuals"))) === "separate";
  const begin = () => {
    if (!base || settings === null) return;
    const given = name.trim() ? { name: name.trim() } : {};
    train.mutate({ ...given, members: number, preset, spec: differing(base.spec, changes), settings, video_ids: chosen });
  };
  return (
    <Stack gap="md">
      <Text c="dimmed">
        Several networks learn the same labels from different random beginnings, side by side where there are workers. Where they agree you can
        trust the track; where they differ its band is wide.
      </Text>
      <AnimalsChoice animals={animals} separate={separate} onChange={(on) => change("individuals", on ? "separate" : "refuse")} />
      <Group grow align="flex-start">
        <NumberInput label="Networks" min={2} max={20} value={members} onChange={setMembers} />
        <Select label="Preset" data={presets.map((one) => ({ value: one.name, label: one.title }))} value={preset} onChange={(value) => setPreset(value ?? preset)} allowDeselect={false} />
      </Group>
      <Text c="dimmed" mt={-8}>
        {base?.description} This once for each network.
      </Text>
      {videos.length > 0 && (
        <Choice
          label="Videos to run afterwards"
          options={videos.map((video) => ({ value: video.id, label: video.name, note: `${count(video.frame_count)} frames` }))}
          chosen={chosen}
          onChoose={setChosen}
        />
      )}
      <TextInput label="Name" placeholder="chosen for you when left empty" maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Accordion variant="contained" chevronPosition="left">
        {base && (
          <Accordion.Item value="training">
            <Accordion.Control>Advanced: training</Accordion.Control>
            <Accordion.Panel>
              <AdvancedFields spec={base.spec} changes={changes} onChange={change} />
            </Accordion.Panel>
          </Accordion.Item>
        )}
        <Accordion.Item value="smoothing">
          <Accordion.Control>Advanced: smoothing ({smoothers.find((one) => one.method === settings?.method)?.title})</Accordion.Control>
          <Accordion.Panel>{settings !== null && <SmootherFields smoothers={smoothers} value={settings} onChange={setSettings} />}</Accordion.Panel>
        </Accordion.Item>
      </Accordion>
      {labelled === 0 && <Alert color="orange">Label some frames first: there is nothing to learn from yet.</Alert>}
      <Group justify="space-between">
        <Text c="dimmed">Learns from {plural(labelled, "labelled frame")}.</Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={!base || labelled === 0 || number < 2 || (animals > 1 && !separate)} loading={train.isPending} onClick={begin}>
            Train {number} networks
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
