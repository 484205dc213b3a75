import { Button, Group, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { decimal } from "@/core/format";
import { useCombine, useSmoothers } from "@/data/ensembles";
import { useModels } from "@/data/models";
import type { Model, Smoother, SmoothSpec } from "@/data/types";

import { Choice } from "./Choice";
import { SmootherFields } from "./SmootherFields";
import { suggested } from "./smoothing";

interface Props {
  project: string;
  opened: boolean;
  onClose: () => void;
}

export function CombineDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Combine models" size="lg">
      <Loaded project={project} onClose={onClose} />
    </Modal>
  );
}

function Loaded({ project, onClose }: Omit<Props, "opened">) {
  const smoothers = useSmoothers(project);
  const models = useModels(project);
  if (smoothers.error) return <ErrorState error={smoothers.error} onRetry={() => void smoothers.refetch()} />;
  if (!smoothers.data || models.isPending) return <Skeleton height={240} />;
  return <CombineForm project={project} smoothers={smoothers.data} models={models.items.filter((one) => one.state === "ready")} onClose={onClose} />;
}

interface FormProps {
  project: string;
  smoothers: Smoother[];
  models: Model[];
  onClose: () => void;
}

function CombineForm({ project, smoothers, models, onClose }: FormProps) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [members, setMembers] = useState<string[]>([]);
  const [settings, setSettings] = useState<SmoothSpec | null>(() => suggested(smoothers));
  const combine = useCombine(project, (made) =>
    void navigate({ to: "/projects/$projectId/ensembles/$ensembleId", params: { projectId: project, ensembleId: made.id } }),
  );
  if (models.length === 0) return <Text c="dimmed">There is no model yet that could be combined. Train some, or import predictions made elsewhere.</Text>;
  return (
    <Stack gap="md">
      <Choice
        label="Members"
        description="Networks that were trained on different seeds or labels make different errors, and where they differ the band is wide. One alone can be smoothed too."
        options={models.map((model) => ({ value: model.id, label: model.name, note: noteOf(model) }))}
        chosen={members}
        onChoose={setMembers}
      />
      {settings !== null && <SmootherFields smoothers={smoothers} value={settings} onChange={setSettings} />}
      <TextInput label="Name" placeholder="chosen for you when left empty" maxLength={120} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={members.length === 0 || settings === null}
          loading={combine.isPending}
          onClick={() => settings !== null && combine.mutate({ model_ids: members, settings, ...(name.trim() ? { name: name.trim() } : {}) })}
        >
          {members.length === 1 ? "Make" : `Combine ${members.length || ""}`}
        </Button>
      </Group>
    </Stack>
  );
}

function noteOf(model: Model): string {
  if (model.preset === "imported") return "made elsewhere";
  const error = (model.metrics.test ?? model.metrics.validation)?.mean_px;
  return error === null || error === undefined ? model.spec.backbone : `${decimal(error)} px`;
}
