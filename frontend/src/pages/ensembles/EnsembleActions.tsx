import { ActionIcon, Button, Group, Menu, Modal, Stack, TextInput } from "@mantine/core";
import { IconAdjustments, IconChartDots, IconDots, IconPencil, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { AskDelete } from "@/components/AskDelete";
import { bytes, count, plural } from "@/core/format";
import { useChangeEnsemble, useDeleteEnsemble, useEnsemblePredictions, useRunEnsemble } from "@/data/ensembles";
import { useCancelJob } from "@/data/jobs";
import { notifyDone } from "@/data/notify";
import { useProject } from "@/data/projects";
import type { Ensemble, Job } from "@/data/types";
import { useVideos } from "@/data/videos";

import { Choice } from "./Choice";
import { SmoothingForm } from "./SmoothingForm";

interface Props {
  project: string;
  ensemble: Ensemble;
  /** The work that makes it, while it goes on. */
  job: Job | undefined;
}

export function EnsembleActions({ project, ensemble, job }: Props) {
  const navigate = useNavigate();
  const role = useProject(project).data?.role;
  const [dialog, setDialog] = useState<"run" | "smoothing" | "rename" | "delete" | null>(null);
  const cancel = useCancelJob(project);
  const remove = useDeleteEnsemble(project, (freed) => {
    notifyDone(`${ensemble.name} is in the trash; emptying it frees ${bytes(freed)}.`);
    void navigate({ to: "/projects/$projectId/ensembles", params: { projectId: project } });
  });
  const close = () => setDialog(null);
  if (role !== "owner" && role !== "editor") return null;
  return (
    <>
      {job && (
        <Button variant="default" leftSection={<IconPlayerStop size={14} />} loading={cancel.isPending || job.state === "cancelling"} onClick={() => cancel.mutate(job.id)}>
          Cancel all
        </Button>
      )}
      {ensemble.state === "ready" && (
        <Button leftSection={<IconChartDots size={14} />} onClick={() => setDialog("run")}>
          Run on videos
        </Button>
      )}
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon aria-label="More">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconAdjustments size={14} />}
            disabled={ensemble.state !== "ready" || ensemble.predictions.under_way > 0}
            onClick={() => setDialog("smoothing")}
          >
            Change smoothing
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => setDialog("rename")}>
            Rename
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={14} />} onClick={() => setDialog("delete")}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={dialog === "run"} onClose={close} title={`Run ${ensemble.name}`}>
        <RunForm project={project} ensemble={ensemble} onClose={close} />
      </Modal>
      <Modal opened={dialog === "smoothing"} onClose={close} title={`Smoothing of ${ensemble.name}`} size="lg">
        <SmoothingForm project={project} ensemble={ensemble} onClose={close} />
      </Modal>
      <Modal opened={dialog === "rename"} onClose={close} title="Rename ensemble" size="sm">
        <RenameForm project={project} ensemble={ensemble} onClose={close} />
      </Modal>
      <AskDelete opened={dialog === "delete"} onClose={close} busy={remove.isPending} title={`Delete ${ensemble.name}?`} onConfirm={() => remove.mutate(ensemble.id)}>
        Its smoothed predictions go with it, its members stay. It stays in the trash for 30 days.
      </AskDelete>
    </>
  );
}

function RunForm({ project, ensemble, onClose }: { project: string; ensemble: Ensemble; onClose: () => void }) {
  const videos = useVideos(project, { state: "ready" });
  const made = useEnsemblePredictions(project, ensemble.id).items.filter((one) => one.state !== "failed" && one.state !== "cancelled");
  const open = videos.items.filter((video) => !made.some((one) => one.video.id === video.id));
  const [chosen, setChosen] = useState<string[]>([]);
  const run = useRunEnsemble(project, (reply) => {
    notifyDone(`${plural(reply.predictions.length, "video")} under way.`);
    onClose();
  });
  return (
    <Stack gap="md">
      <Choice
        label="Videos"
        description="What members have not predicted yet is predicted first. Of several cameras the whole recording is run."
        options={open.map((video) => ({ value: video.id, label: video.name, note: `${count(video.frame_count)} frames` }))}
        chosen={chosen}
        onChoose={setChosen}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={chosen.length === 0} loading={run.isPending} onClick={() => run.mutate({ id: ensemble.id, video_ids: chosen })}>
          Run
        </Button>
      </Group>
    </Stack>
  );
}

function RenameForm({ project, ensemble, onClose }: { project: string; ensemble: Ensemble; onClose: () => void }) {
  const [name, setName] = useState(ensemble.name);
  const rename = useChangeEnsemble(project, onClose);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate({ id: ensemble.id, name: name.trim() });
      }}
    >
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={120} data-autofocus />
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={rename.isPending} disabled={name.trim() === ""}>
          Save
        </Button>
      </Group>
    </form>
  );
}
