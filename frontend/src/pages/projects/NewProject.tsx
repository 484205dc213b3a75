import { Alert, Badge, Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";

import { keypointsFrom, parseNames } from "@/core/keypointNames";
import { plural } from "@/core/format";
import { edgesAmong, TEMPLATES } from "@/core/skeletonTemplates";
import { asProblem } from "@/data/problem";
import { type NewProject as NewProjectBody, useCreateProject } from "@/data/projects";

const EXAMPLE = "nose\nleft ear\nright ear\ntail base";

interface Props {
  opened: boolean;
  onClose: () => void;
}

export function NewProject({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New project" size="lg">
      <ProjectForm onClose={onClose} />
    </Modal>
  );
}

function ProjectForm({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateProject((project) => void navigate({ to: "/projects/$projectId/videos", params: { projectId: project.id } }));
  const form = useForm({ initialValues: { name: "", description: "", template: "", keypoints: "", pattern: "{session}" } });
  const names = parseNames(form.values.keypoints);
  const submit = form.onSubmit(({ name, description, pattern, template }) => {
    const body: NewProjectBody = { name: name.trim(), description: description.trim(), name_pattern: pattern };
    if (names.length > 0) body.skeleton = { keypoints: keypointsFrom(names), edges: edgesAmong(names, template), views: [] };
    create.mutate(body);
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {create.error && (
          <Alert color="orange" role="alert">
            {asProblem(create.error).message}
          </Alert>
        )}
        <TextInput label="Name" required data-autofocus maxLength={120} {...form.getInputProps("name")} />
        <TextInput label="Description" placeholder="Species, setup, question" {...form.getInputProps("description")} />
        <Select
          label="Template"
          description="A list of keypoints to start from; take away what you cannot see."
          placeholder="None"
          clearable
          data={TEMPLATES.map((one) => ({ value: one.id, label: one.title }))}
          value={form.values.template || null}
          onChange={(id) => {
            const template = TEMPLATES.find((one) => one.id === id);
            form.setValues({ template: id ?? "", keypoints: template?.keypoints.map(([name]) => name).join("\n") ?? "" });
          }}
        />
        <Textarea
          label="Keypoints"
          description="One a line, or separated by commas. Leave empty when you import a project; names can be changed later."
          placeholder={EXAMPLE}
          autosize
          minRows={4}
          maxRows={10}
          {...form.getInputProps("keypoints")}
        />
        {names.length > 0 && <KeypointPreview names={names} />}
        <TextInput
          label="File names of videos"
          description="How to read recording fields from a file name, for example {session}_{animal}_{view}."
          {...form.getInputProps("pattern")}
        />
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create project
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function KeypointPreview({ names }: { names: string[] }) {
  const keypoints = keypointsFrom(names);
  const pairs = keypoints.filter((k) => k.partner !== null).length / 2;
  return (
    <div>
      <Group gap={6} mah={104} style={{ overflow: "auto" }}>
        {keypoints.map((keypoint) => (
          <Badge
            key={keypoint.name}
            variant="default"
            leftSection={<span style={{ display: "block", width: 8, height: 8, borderRadius: 4, background: keypoint.color }} />}
          >
            {keypoint.name}
          </Badge>
        ))}
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {plural(names.length, "keypoint")}
        {pairs > 0 && `, ${plural(pairs, "left-right pair")} found from the names`}
      </Text>
    </div>
  );
}
