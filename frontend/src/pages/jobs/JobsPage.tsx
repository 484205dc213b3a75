import { Alert, Anchor, Button, Drawer, Group, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { IconActivity, IconAlertTriangle, IconDownload, IconPlayerStop } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { Facts } from "@/components/Facts";
import { JobProgress } from "@/components/JobProgress";
import { Log } from "@/components/Log";
import { PageFrame } from "@/components/PageFrame";
import { StateTag } from "@/components/StateTag";
import { ago, bytes, dateTime, duration } from "@/core/format";
import { isActive, useCancelJob, useJob, useJobs } from "@/data/jobs";
import { useProject } from "@/data/projects";
import type { Job, JobKind, JobState } from "@/data/types";

import { Parts } from "./Parts";
import { Workers } from "./Workers";

const KINDS: Readonly<Record<JobKind, string>> = {
  ingest: "Read video",
  proxy: "Make proxy",
  frames: "Select frames",
  train: "Train",
  predict: "Predict",
  ensemble: "Ensemble",
  prelabel: "Pre-label",
  evaluate: "Evaluate",
  import: "Import",
  import_predictions: "Import predictions",
  heatmap: "Heatmap",
  calibration: "Calibration",
  export: "Export",
};

const STATES = [
  { value: "all", label: "All" },
  { value: "running", label: "Running" },
  { value: "queued", label: "Queued" },
  { value: "failed", label: "Failed" },
];

/** How long it ran, or has run so far. */
function took(job: Job): string {
  if (job.started_at === null) return "–";
  const end = job.ended_at === null ? Date.now() : Date.parse(job.ended_at);
  return duration(Math.max(0, (end - Date.parse(job.started_at)) / 1000));
}

const columns: readonly Column<Job>[] = [
  {
    key: "title",
    header: "Job",
    width: "minmax(240px, 2.4fr)",
    render: (job) => (
      <Stack gap={0}>
        <Text fw={500} className="truncate" title={job.title}>
          {job.title || KINDS[job.kind]}
        </Text>
        <Text size="xs" c="dimmed">
          {KINDS[job.kind]}
        </Text>
      </Stack>
    ),
  },
  { key: "state", header: "State", width: "120px", render: (job) => <StateTag state={job.state} /> },
  { key: "progress", header: "Progress", width: "minmax(200px, 2fr)", render: (job) => <ProgressCell job={job} /> },
  { key: "worker", header: "Worker", width: "minmax(96px, 1fr)", render: (job) => job.worker ?? "–" },
  { key: "took", header: "Took", width: "104px", align: "right", render: took },
  { key: "created", header: "Asked for", width: "120px", align: "right", render: (job) => ago(job.created_at, Date.now()) },
];

function ProgressCell({ job }: { job: Job }) {
  if (job.state === "failed") {
    return (
      <Text c="dimmed" className="truncate" title={job.error_detail ?? ""}>
        {job.error_detail ?? job.error_code}
      </Text>
    );
  }
  return <JobProgress job={job} />;
}

export function JobsPage() {
  const { projectId } = useParams({ from: "/app/projects/$projectId/jobs" });
  const search = useSearch({ from: "/app/projects/$projectId/jobs" });
  const navigate = useNavigate({ from: "/projects/$projectId/jobs" });
  const jobs = useJobs(projectId, { state: search.state, kind: search.kind });
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const filtered = search.state !== undefined || search.kind !== undefined;
  return (
    <PageFrame
      title="Jobs"
      actions={<Workers />}
      toolbar={
        <Group gap="xs">
          <SegmentedControl
            data={STATES}
            value={search.state ?? "all"}
            onChange={(value) => set({ state: value === "all" ? undefined : (value as JobState) })}
            aria-label="State"
          />
          <Select
            size="xs"
            w={160}
            placeholder="All kinds"
            aria-label="Kind"
            clearable
            data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
            value={search.kind ?? null}
            onChange={(kind) => set({ kind: (kind ?? undefined) as JobKind | undefined })}
          />
        </Group>
      }
    >
      <DataTable
        label="Jobs"
        list={jobs}
        columns={columns}
        rowKey={(job) => job.id}
        rowHeight={52}
        onOpen={(job) => set({ job: job.id })}
        isActive={(job) => job.id === search.job}
        empty={
          <EmptyState
            icon={IconActivity}
            action={
              filtered && (
                <Button variant="default" onClick={() => set({ state: undefined, kind: undefined })}>
                  Show all jobs
                </Button>
              )
            }
          >
            {filtered ? "No job matches these filters." : "Reading videos, training and predicting appear here while they run."}
          </EmptyState>
        }
      />
      <JobDrawer project={projectId} jobId={search.job} onClose={() => set({ job: undefined })} />
    </PageFrame>
  );
}

function JobDrawer({ project, jobId, onClose }: { project: string; jobId: string | undefined; onClose: () => void }) {
  const job = useJob(project, jobId);
  return (
    <Drawer opened={jobId !== undefined} onClose={onClose} position="right" size={560} title={<Text fw={600}>{job.data?.title ?? "Job"}</Text>}>
      {job.error && !job.data && <ErrorState error={job.error} onRetry={() => void job.refetch()} />}
      {job.isPending && <Skeleton height={200} />}
      {job.data && <Details project={project} job={job.data} />}
    </Drawer>
  );
}

function Details({ project, job }: { project: string; job: Job }) {
  const role = useProject(project).data?.role;
  const cancel = useCancelJob(project);
  return (
    <Stack gap="md">
      {job.state === "failed" && (
        <Alert color="orange" icon={<IconAlertTriangle />} title={job.error_code ?? "Failed"}>
          {job.error_detail}
        </Alert>
      )}
      <JobProgress job={job} />
      <Facts
        facts={[
          ["State", <StateTag key="state" state={job.state} />],
          ["Kind", KINDS[job.kind]],
          ["Worker", job.worker ?? "–"],
          ["Attempt", String(job.attempt)],
          ["Asked for", dateTime(job.created_at)],
          ["Took", took(job)],
        ]}
      />
      {job.artifacts.map((artifact) => (
        <Anchor key={artifact.name} href={artifact.url} download={artifact.name}>
          <Group gap={6}>
            <IconDownload size={14} /> {artifact.name} ({bytes(artifact.size_bytes)})
          </Group>
        </Anchor>
      ))}
      {isActive(job.state) && (role === "owner" || role === "editor") && (
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={14} />}
            loading={cancel.isPending || job.state === "cancelling"}
            onClick={() => cancel.mutate(job.id)}
          >
            Cancel job
          </Button>
        </Group>
      )}
      {job.parts && job.parts.length > 0 && <Parts parts={job.parts} />}
      <Log text={job.log_tail ?? ""} />
    </Stack>
  );
}
