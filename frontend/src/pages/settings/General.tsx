import { Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { AskDelete } from "@/components/AskDelete";
import { bytes } from "@/core/format";
import { notifyDone } from "@/data/notify";
import { useChangeProject, useDeleteProject } from "@/data/projects";
import type { Project } from "@/data/types";

import classes from "./SettingsPage.module.css";

export function General({ project }: { project: Project }) {
  const readOnly = project.role !== "owner" && project.role !== "editor";
  const form = useForm({
    initialValues: { name: project.name, description: project.description, name_pattern: project.name_pattern },
  });
  const save = useChangeProject(project.id, () => {
    notifyDone("Saved.");
    form.resetDirty();
  });
  return (
    <>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack maw={480} gap="md">
          <TextInput label="Name" required maxLength={120} readOnly={readOnly} {...form.getInputProps("name")} />
          <Textarea label="Description" autosize minRows={2} readOnly={readOnly} {...form.getInputProps("description")} />
          <TextInput
            label="File names of videos"
            description="How recording fields are read from a file name; try it on the Videos page under File names."
            readOnly={readOnly}
            {...form.getInputProps("name_pattern")}
          />
          {!readOnly && (
            <Group>
              <Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
      {project.role === "owner" && <DeleteProject project={project} />}
    </>
  );
}

function DeleteProject({ project }: { project: Project }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const remove = useDeleteProject((freed) => {
    notifyDone(`${project.name} is in the trash for 30 days; it holds ${bytes(freed)}.`);
    void navigate({ to: "/" });
  });
  return (
    <Stack className={classes.danger} maw={480} gap="xs" align="flex-start">
      <Text fw={600}>Delete this project</Text>
      <Text c="dimmed">Videos, frames, labels, models and predictions go with it. It can be brought back for 30 days.</Text>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete project
      </Button>
      <AskDelete
        opened={asking}
        onClose={() => setAsking(false)}
        busy={remove.isPending}
        title={`Delete ${project.name}?`}
        onConfirm={() => remove.mutate(project.id)}
      >
        Nobody will be able to work on it. It stays in the trash for 30 days; files read in place are not touched.
      </AskDelete>
    </Stack>
  );
}
