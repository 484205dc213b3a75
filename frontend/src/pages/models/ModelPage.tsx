import { ActionIcon, Alert, Button, Center, Group, Menu, Skeleton, Stack, Tabs } from "@mantine/core";
import { IconAlertTriangle, IconArrowLeft, IconChartDots, IconDots, IconDownload, IconPencil, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { AskDelete } from "@/components/AskDelete";
import { ErrorState } from "@/components/ErrorState";
import { JobProgress } from "@/components/JobProgress";
import { LinkIcon } from "@/components/LinkButton";
import { Log } from "@/components/Log";
import { PageFrame } from "@/components/PageFrame";
import { StateTag } from "@/components/StateTag";
import { bytes } from "@/core/format";
import { useCancelJob, useJob } from "@/data/jobs";
import { downloadModel, useDeleteModel, useModel } from "@/data/models";
import { notifyDone, notifyProblem } from "@/data/notify";
import { useProject } from "@/data/projects";
import type { Job, Model } from "@/data/types";
import { useVideos } from "@/data/videos";

import { PredictDialog } from "../predictions/PredictDialog";
import { ErrorTable } from "./ErrorTable";
import classes from "./ModelPage.module.css";
import { RenameModel } from "./RenameModel";
import { SpecView } from "./SpecView";
import { TrainingCurve } from "./TrainingCurve";

export function ModelPage() {
  const { projectId, modelId } = useParams({ from: "/app/projects/$projectId/models/$modelId" });
  const model = useModel(projectId, modelId);
  const job = useJob(projectId, model.data?.job_id);
  if (model.error && !model.data) {
    return (
      <Center h="100%">
        <ErrorState error={model.error} onRetry={() => void model.refetch()} />
      </Center>
    );
  }
  if (!model.data) return <Skeleton m="md" height={320} />;
  return <Loaded project={projectId} model={model.data} job={job.data} />;
}

interface LoadedProps {
  project: string;
  model: Model;
  job: Job | undefined;
}

function Loaded({ project, model, job }: LoadedProps) {
  const training = model.state === "training" || model.state === "queued";
  return (
    <PageFrame
      title={
        <Group gap="xs" wrap="nowrap" component="span">
          <LinkIcon to="/projects/$projectId/models" params={{ projectId: project }} aria-label="All models">
            <IconArrowLeft size={16} />
          </LinkIcon>
          <span className="truncate">{model.name}</span>
        </Group>
      }
      note={<StateTag state={model.state} />}
      actions={<Actions project={project} model={model} job={job} />}
    >
      <Stack gap="lg" p="md" maw={1200} w="100%">
        {model.state === "failed" && (
          <Alert color="orange" icon={<IconAlertTriangle />} title="The training ended with an error">
            {job?.error_detail ?? "Its job says more."}
          </Alert>
        )}
        {job && training && <JobProgress job={job} />}
        <section className={classes.panel}>
          <h2>Learning</h2>
          <TrainingCurve project={project} model={model.id} live={training} />
        </section>
        <Tabs defaultValue={model.state === "ready" ? "errors" : "log"}>
          <Tabs.List>
            <Tabs.Tab value="errors">Errors</Tabs.Tab>
            <Tabs.Tab value="spec">Settings</Tabs.Tab>
            <Tabs.Tab value="log">Log</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="errors" pt="md">
            <ErrorTable metrics={model.metrics} project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="spec" pt="md">
            <SpecView project={project} model={model} />
          </Tabs.Panel>
          <Tabs.Panel value="log" pt="md">
            <Log text={job?.log_tail ?? ""} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </PageFrame>
  );
}

function Actions({ project, model, job }: LoadedProps) {
  const navigate = useNavigate();
  const role = useProject(project).data?.role;
  const [dialog, setDialog] = useState<"predict" | "delete" | "rename" | null>(null);
  const cancel = useCancelJob(project);
  const remove = useDeleteModel(project, (freed) => {
    notifyDone(`${model.name} is in the trash; emptying it frees ${bytes(freed)}.`);
    void navigate({ to: "/projects/$projectId/models", params: { projectId: project } });
  });
  const close = () => setDialog(null);
  if (role !== "owner" && role !== "editor") return null;
  const training = model.state === "training" || model.state === "queued";
  return (
    <>
      {training && job && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={14} />}
          loading={cancel.isPending || job.state === "cancelling"}
          onClick={() => cancel.mutate(job.id)}
        >
          Cancel training
        </Button>
      )}
      {model.state === "ready" && (
        <Button leftSection={<IconChartDots size={14} />} onClick={() => setDialog("predict")}>
          Predict videos
        </Button>
      )}
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon aria-label="More">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => setDialog("rename")}>
            Rename
          </Menu.Item>
          {model.state === "ready" && (
            <Menu.Item leftSection={<IconDownload size={14} />} onClick={() => void downloadModel(project, model.id).catch(notifyProblem)}>
              Download
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconTrash size={14} />} onClick={() => setDialog("delete")} disabled={training}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === "predict" && <PredictReady project={project} onClose={close} />}
      <RenameModel project={project} model={model} opened={dialog === "rename"} onClose={close} />
      <AskDelete opened={dialog === "delete"} onClose={close} busy={remove.isPending} title={`Delete ${model.name}?`} onConfirm={() => remove.mutate(model.id)}>
        Its predictions go with it. It stays in the trash for 30 days.
      </AskDelete>
    </>
  );
}

function PredictReady({ project, onClose }: { project: string; onClose: () => void }) {
  const videos = useVideos(project, { state: "ready" });
  return <PredictDialog project={project} videos={videos.items} opened={!videos.isPending} onClose={onClose} />;
}
