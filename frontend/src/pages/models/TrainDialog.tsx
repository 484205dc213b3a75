import { Accordion, Alert, Button, Group, Modal, NumberInput, Radio, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";

import { ErrorState } from "@/components/ErrorState";
import { plural } from "@/core/format";
import { usePresets, useTrain } from "@/data/models";
import type { Preset, Project, TrainSpec } from "@/data/types";

import classes from "./TrainDialog.module.css";

interface Props {
  project: Project;
  opened: boolean;
  onClose: () => void;
}

export function TrainDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Train a model" size="lg">
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

type Advanced = Partial<Record<(typeof NUMBERS)[number]["key"] | "backbone" | "weights", string | number>>;

const NUMBERS = [
  { key: "epochs", label: "Epochs", min: 1, max: 5000, step: 10 },
  { key: "batch_size", label: "Images in a batch", min: 1, max: 256, step: 1 },
  { key: "learning_rate", label: "Learning rate", min: 0, max: 1, step: 0.0001 },
  { key: "image_height", label: "Image height (px)", min: 32, max: 1024, step: 32 },
  { key: "image_width", label: "Image width (px)", min: 32, max: 1024, step: 32 },
  { key: "seed", label: "Seed", min: 0, max: 2147483647, step: 1 },
] as const;

const BACKBONES = ["resnet18", "resnet50", "mobilenetv2_100", "efficientnet_b0", "convnext_tiny"];
const WEIGHTS = [
  { value: "imagenet", label: "ImageNet (downloaded once)" },
  { value: "none", label: "None: works offline, needs more labels" },
];

interface FormProps {
  project: Project;
  presets: Preset[];
  onClose: () => void;
}

function TrainForm({ project, presets, onClose }: FormProps) {
  const navigate = useNavigate();
  const train = useTrain(project.id, ({ model }) =>
    void navigate({ to: "/projects/$projectId/models/$modelId", params: { projectId: project.id, modelId: model.id } }),
  );
  const form = useForm({ initialValues: { name: "", preset: presets[0]?.name ?? "", changes: {} } });
  const preset = presets.find((one) => one.name === form.values.preset);
  const submit = form.onSubmit(({ name, changes }) => {
    if (!preset) return;
    train.mutate({ ...(name.trim() ? { name: name.trim() } : {}), preset: preset.name, spec: differing(preset.spec, changes) });
  });
  const { labelled } = project.counts;
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Radio.Group {...form.getInputProps("preset")} aria-label="Preset">
          <Stack gap="xs">
            {presets.map((one) => (
              <Radio.Card key={one.name} value={one.name} className={classes.preset}>
                <Group wrap="nowrap" align="flex-start" gap="sm">
                  <Radio.Indicator mt={2} />
                  <div>
                    <Text fw={600}>{one.title}</Text>
                    <Text c="dimmed">{one.description}</Text>
                    <Text size="xs" c="dimmed" mt={4}>
                      {one.spec.backbone} · {one.spec.image_width} × {one.spec.image_height} px · {plural(one.spec.epochs, "epoch")}
                    </Text>
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
                  onChange={(key, value) => form.setFieldValue("changes", { ...form.values.changes, [key]: value })}
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
            <Button type="submit" disabled={!preset || labelled === 0} loading={train.isPending}>
              Start training
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

function differing(spec: TrainSpec, changes: Advanced): Partial<TrainSpec> {
  const before: Readonly<Record<string, unknown>> = spec;
  return Object.fromEntries(Object.entries(changes).filter(([key, value]) => value !== "" && before[key] !== value));
}

interface AdvancedProps {
  spec: TrainSpec;
  changes: Advanced;
  onChange: (key: keyof Advanced, value: string | number) => void;
}

function AdvancedFields({ spec, changes, onChange }: AdvancedProps) {
  const backbones = [...new Set([spec.backbone, ...BACKBONES])];
  return (
    <Stack gap="sm">
      <Group grow>
        <Select
          label="Network"
          data={backbones}
          value={String(changes.backbone ?? spec.backbone)}
          onChange={(value) => onChange("backbone", value ?? spec.backbone)}
          allowDeselect={false}
        />
        <Select
          label="Weights to begin with"
          data={WEIGHTS}
          value={String(changes.weights ?? spec.weights)}
          onChange={(value) => onChange("weights", value ?? spec.weights)}
          allowDeselect={false}
        />
      </Group>
      <div className={classes.numbers}>
        {NUMBERS.map(({ key, label, min, max, step }) => (
          <NumberInput
            key={key}
            label={label}
            min={min}
            max={max}
            step={step}
            value={changes[key] ?? spec[key]}
            onChange={(value) => onChange(key, value)}
          />
        ))}
      </div>
    </Stack>
  );
}
