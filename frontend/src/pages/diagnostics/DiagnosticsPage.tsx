import { Alert, Button, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconChartBar, IconDownload, IconRulerMeasure } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { JobProgress } from "@/components/JobProgress";
import { LinkButton } from "@/components/LinkButton";
import { PageFrame } from "@/components/PageFrame";
import { dateTime } from "@/core/format";
import { useEvaluation, useMeasure } from "@/data/diagnostics";
import { isActive } from "@/data/jobs";
import { useModels } from "@/data/models";
import { useProject } from "@/data/projects";
import { saveFile } from "@/data/saveFile";
import type { Model } from "@/data/types";

import { Compare } from "./Compare";
import { Errors } from "./Errors";
import { Tracks } from "./Tracks";

const route = getRouteApi("/app/projects/$projectId/diagnostics");

/** How good a model is on labelled frames, how plausible what it predicts is, and how models compare. */
export function DiagnosticsPage() {
  const { projectId } = route.useParams();
  const search = route.useSearch();
  const models = useModels(projectId);
  const ready = models.items.filter((model) => model.state === "ready");
  const model = ready.find((one) => one.id === search.model) ?? ready[0];
  if (models.error !== null) {
    return (
      <PageFrame title="Diagnostics">
        <ErrorState error={models.error} onRetry={models.retry} />
      </PageFrame>
    );
  }
  if (models.isPending) {
    return (
      <PageFrame title="Diagnostics">
        <Loading />
      </PageFrame>
    );
  }
  if (model === undefined) {
    return (
      <PageFrame title="Diagnostics">
        <EmptyState
          icon={IconChartBar}
          action={
            <LinkButton to="/projects/$projectId/models" params={{ projectId }}>
              Go to models
            </LinkButton>
          }
        >
          When a model is trained, this page tells where it is right, where it is wrong, and which frames to label next.
        </EmptyState>
      </PageFrame>
    );
  }
  return <OfModel key={model.id} project={projectId} model={model} ready={ready} />;
}

interface Props {
  project: string;
  model: Model;
  ready: readonly Model[];
}

function OfModel({ project, model, ready }: Props) {
  const navigate = useNavigate({ from: "/projects/$projectId/diagnostics" });
  const reply = useEvaluation(project, model.id);
  const found = reply.data?.evaluation;
  const job = reply.data?.job;
  return (
    <PageFrame
      title="Diagnostics"
      note={found ? `measured ${dateTime(found.created_at)}` : undefined}
      actions={
        <>
          <Select
            aria-label="Model"
            w={220}
            allowDeselect={false}
            value={model.id}
            data={ready.map((one) => ({ value: one.id, label: one.name }))}
            onChange={(id) => void navigate({ search: (before) => ({ ...before, model: id ?? undefined, track: undefined }) })}
          />
          {found && (
            <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => saveFile(found.errors_url, `${model.name} errors.parquet`)}>
              Parquet
            </Button>
          )}
          {found && <MeasureButton project={project} model={model.id} again busy={job ? isActive(job.state) : false} />}
        </>
      }
    >
      <Stack gap="lg" p="md" maw={1560} w="100%">
        {job && isActive(job.state) && (
          <Alert title="The model is being measured">
            <JobProgress job={job} />
          </Alert>
        )}
        {job?.state === "failed" && (
          <Alert color="orange" icon={<IconAlertTriangle />} title="The model could not be measured">
            {job.error_detail ?? "Its job says more."}
          </Alert>
        )}
        {reply.error && !reply.data && <ErrorState error={reply.error} onRetry={() => void reply.refetch()} />}
        {!reply.data && !reply.error && <Loading />}
        {found && <Errors project={project} evaluation={found} />}
        {found === null && !(job && isActive(job.state)) && (
          <EmptyState icon={IconRulerMeasure} action={<MeasureButton project={project} model={model.id} busy={false} />}>
            {model.name} has not been compared with the labels yet.
          </EmptyState>
        )}
        <Tracks project={project} model={model} />
        {ready.length > 1 && <Compare project={project} ready={ready} />}
      </Stack>
    </PageFrame>
  );
}

interface MeasureProps {
  project: string;
  model: string;
  again?: boolean;
  busy: boolean;
}

function MeasureButton({ project, model, again = false, busy }: MeasureProps) {
  const role = useProject(project).data?.role;
  const measure = useMeasure(project);
  if (role !== "owner" && role !== "editor") return null;
  return (
    <Button leftSection={<IconRulerMeasure size={14} />} disabled={busy} loading={measure.isPending} onClick={() => measure.mutate(model)}>
      {again ? "Measure again" : "Measure errors"}
    </Button>
  );
}

function Loading() {
  return (
    <Stack p="md" data-testid="skeleton" aria-hidden>
      <Group>
        {[120, 90, 110, 80].map((width) => (
          <Skeleton key={width} height={36} width={width} />
        ))}
      </Group>
      <Skeleton height={280} />
      <Text size="xs">&nbsp;</Text>
    </Stack>
  );
}
