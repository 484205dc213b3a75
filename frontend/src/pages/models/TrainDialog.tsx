import { Accordion, Alert, Badge, Button, Group, Modal, Radio, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";

import { ErrorState } from "@/components/ErrorState";
import { about, plural } from "@/core/format";
import { type Changes, differing, fault, type Value, valueAt } from "@/core/trainSpec";
import { usePresets, useTrain, useTrainFields } from "@/data/models";
import type { Preset, Project } from "@/data/types";

import { AdvancedFields } from "./AdvancedFields";
import { AnimalsChoice } from "./AnimalsChoice";
import classes from "./TrainDialog.module.css";

interface Props {
  project: Project;
  opened: boolean;
  onClose: () => void;
}

export function TrainDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Train a model" size="xl">
      <Loaded project={project} onClose={onClose} />
    </Modal>
  );
}

function Loaded({ project, onClose }: Omit<Props, "opened">) {
  const presets = usePresets(project.id);
  if (presets.error) return <ErrorState error={presets.error} onRetry={() => void presets.refetch()} />;
  if (!presets.data) return <Skeleton height={240} />;
  return <TrainForm project={project} presets={presets.data} onClose={onClose} />;
}

interface FormProps {
  project: Project;
  presets: Preset[];
  onClose: () => void;
}

interface Values {
  name: string;
  preset: string;
  changes: Changes;
}

function TrainForm({ project, presets, onClose }: FormProps) {
  const navigate = useNavigate();
  const train = useTrain(project.id, ({ model }) =>
    void navigate({ to: "/projects/$projectId/models/$modelId", params: { projectId: project.id, modelId: model.id } }),
  );
  const form = useForm<Values>({ initialValues: { name: "", preset: recommended(presets)?.name ?? "", changes: {} } });
  const fields = useTrainFields(project.id).data ?? [];
  const faulty = fields.some((field) => field.path in form.values.changes && fault(field, form.values.changes[field.path]) !== null);
  const preset = presets.find((one) => one.name === form.values.preset);
  const submit = form.onSubmit(({ name, changes }) => {
    if (!preset) return;
    train.mutate({ ...(name.trim() ? { name: name.trim() } : {}), preset: preset.name, spec: differing(preset.spec, changes) });
  });
  const { labelled } = project.counts;
  const change = (path: string, value: Value) => form.setFieldValue("changes", { ...form.values.changes, [path]: value });
  const animals = preset?.animals ?? 0;
  const separate = (form.values.changes.individuals ?? (preset && valueAt(preset.spec, "individuals"))) === "separate";
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <AnimalsChoice animals={animals} separate={separate} onChange={(on) => change("individuals", on ? "separate" : "refuse")} />
        <Radio.Group {...form.getInputProps("preset")} aria-label="Preset">
          <Stack gap="xs">
            {presets.map((one) => (
              <Radio.Card key={one.name} value={one.name} className={classes.preset}>
                <Group wrap="nowrap" align="flex-start" gap="sm">
                  <Radio.Indicator mt={2} />
                  <div>
                    <Group gap="xs">
                      <Text fw={600}>{one.title}</Text>
                      {one.recommended && <Badge>Recommended</Badge>}
                    </Group>
                    <Text c="dimmed">{one.description}</Text>
                    <Text size="xs" c="dimmed" mt={4}>
                      {one.spec.backbone} · {one.spec.image_width} × {one.spec.image_height} px
                      {one.spec.framing.mode === "two_pass" && " · two passes"} · {plural(one.spec.epochs, "epoch")} · {about(one.minutes)}
                    </Text>
                    {one.reasons.length > 0 && (
                      <Text size="xs" mt={4}>
                        {one.reasons.join(" ")}
                      </Text>
                    )}
                  </div>
                </Group>
              </Radio.Card>
            ))}
          </Stack>
        </Radio.Group>
        <TextInput label="Name" placeholder="chosen for you when left empty" maxLength={120} {...form.getInputProps("name")} />
        {preset && (
          <Accordion variant="contained" chevronPosition="left">
            <Accordion.Item value="advanced">
              <Accordion.Control>Advanced</Accordion.Control>
              <Accordion.Panel>
                <AdvancedFields
                  spec={preset.spec}
                  changes={form.values.changes}
                  onChange={change}
                />
              </Accordion.Panel>
            </Accordion.Item>
          </Accordion>
        )}
        {labelled === 0 && <Alert color="orange">Label some frames first: there is nothing to learn from yet.</Alert>}
        <Group justify="space-between">
          <Text c="dimmed">Learns from {plural(labelled, "labelled frame")}.</Text>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!preset || labelled === 0 || faulty || (animals > 1 && !separate)} loading={train.isPending}>
              Start training
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

const recommended = (presets: Preset[]) => presets.find((one) => one.recommended) ?? presets[0];
