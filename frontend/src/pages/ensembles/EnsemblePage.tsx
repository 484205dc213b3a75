import { Alert, Button, Center, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconArrowLeft, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";

import { ErrorState } from "@/components/ErrorState";
import { Facts } from "@/components/Facts";
import { JobProgress } from "@/components/JobProgress";
import { LinkButton, LinkIcon } from "@/components/LinkButton";
import { PageFrame } from "@/components/PageFrame";
import { StateTag } from "@/components/StateTag";
import { plural } from "@/core/format";
import { aboutBands } from "@/core/intervals";
import { useEnsemble, useEnsemblePredictions, useRunEnsemble, useSmoothers } from "@/data/ensembles";
import { isActive, useJob } from "@/data/jobs";
import { useProject } from "@/data/projects";
import type { Ensemble, Job, Prediction } from "@/data/types";

import { Parts } from "../jobs/Parts";
import { EnsembleActions } from "./EnsembleActions";
import classes from "./ensembles.module.css";

export function EnsemblePage() {
  const { projectId, ensembleId } = useParams({ from: "/app/projects/$projectId/ensembles/$ensembleId" });
  const ensemble = useEnsemble(projectId, ensembleId);
  const job = useJob(projectId, ensemble.data?.job_id).data;
  if (ensemble.error && !ensemble.data) {
    return (
      <Center h="100%">
        <ErrorState error={ensemble.error} onRetry={() => void ensemble.refetch()} />
      </Center>
    );
  }
  if (!ensemble.data) return <Skeleton m="md" height={320} />;
  const working = job !== undefined && isActive(job.state);
  return (
    <PageFrame
      title={
        <Group gap="xs" wrap="nowrap" component="span">
          <LinkIcon to="/projects/$projectId/ensembles" params={{ projectId }} aria-label="All ensembles">
            <IconArrowLeft size={16} />
          </LinkIcon>
          <span className="truncate">{ensemble.data.name}</span>
        </Group>
      }
      note={<StateTag state={ensemble.data.state} />}
      actions={<EnsembleActions project={projectId} ensemble={ensemble.data} job={working ? job : undefined} />}
    >
      <Stack gap="lg" p="md" maw={1200} w="100%">
        {working && <Work job={job} />}
        {job?.state === "failed" && (
          <Alert color="orange" icon={<IconAlertTriangle />} title="The work ended with an error">
            {job.error_detail}
          </Alert>
        )}
        <Videos project={projectId} ensemble={ensemble.data} />
        <Members project={projectId} ensemble={ensemble.data} />
        <Smoothing project={projectId} ensemble={ensemble.data} />
      </Stack>
    </PageFrame>
  );
}

/** Trainings, predictions and smoothing as one piece of work with its parts. */
function Work({ job }: { job: Job }) {
  const parts = job.parts ?? [];
  const done = parts.filter((part) => part.state === "succeeded").length;
  return (
    <section className={classes.panel}>
      <h2>
        At work: {done} of {parts.length} parts done
      </h2>
      <JobProgress job={job} />
      <Parts parts={parts} />
    </section>
  );
}

function Videos({ project, ensemble }: { project: string; ensemble: Ensemble }) {
  const predictions = useEnsemblePredictions(project, ensemble.id);
  const outdated = predictions.items.filter((one) => one.outdated);
  return (
    <section className={classes.panel}>
      <h2>Videos</h2>
      {outdated.length > 0 && <Outdated project={project} ensemble={ensemble} predictions={outdated} />}
      {predictions.items.length === 0 && !predictions.isPending && <Text c="dimmed">No video has been run yet.</Text>}
      <div className={classes.rows} role="list" aria-label="Videos">
        {predictions.items.map((one) => (
          <VideoRow key={one.id} project={project} prediction={one} />
        ))}
      </div>
    </section>
  );
}

/** Videos that were smoothed before the settings were changed, with a click to bring them up to date. */
function Outdated({ project, ensemble, predictions }: { project: string; ensemble: Ensemble; predictions: readonly Prediction[] }) {
  const role = useProject(project).data?.role;
  const run = useRunEnsemble(project);
  return (
    <Alert mb="sm" icon={<IconAlertTriangle />} title={`${plural(predictions.length, "video")} smoothed with earlier settings`}>
      <Group justify="space-between">
        {predictions.map((one) => one.video.name).join(", ")}
        {(role === "owner" || role === "editor") && (
          <Button
            variant="light"
            leftSection={<IconRefresh size={14} />}
            loading={run.isPending}
            onClick={() => run.mutate({ id: ensemble.id, video_ids: predictions.map((one) => one.video.id), again: true })}
          >
            Run again
          </Button>
        )}
      </Group>
    </Alert>
  );
}

function VideoRow({ project, prediction }: { project: string; prediction: Prediction }) {
  const job = useJob(project, prediction.state === "failed" ? prediction.job_id : null).data;
  const notes = prediction.summary.notes;
  const said = job?.error_detail ?? (Array.isArray(notes) ? notes.join(" ") : "");
  const bands = prediction.state === "ready" ? aboutBands(prediction.summary) : null;
  return (
    <div className={classes.row} role="listitem">
      <div style={{ minWidth: 0 }}>
        <Text className="truncate">{prediction.video.name}</Text>
        {said !== "" && (
          <Text size="xs" c="var(--tb-warn)">
            {said}
          </Text>
        )}
        {bands !== null && (
          <Text size="xs" c="dimmed">
            {bands}
          </Text>
        )}
      </div>
      <StateTag state={prediction.state} />
      {prediction.state === "ready" ? (
        <LinkButton
          to="/projects/$projectId/view/$predictionId"
          params={{ projectId: project, predictionId: prediction.id }}
          variant="light"
          leftSection={<IconPlayerPlay size={13} />}
          aria-label={`View ${prediction.video.name}`}
        >
          View
        </LinkButton>
      ) : (
        <span />
      )}
    </div>
  );
}

function Members({ project, ensemble }: { project: string; ensemble: Ensemble }) {
  return (
    <section className={classes.panel}>
      <h2>Members</h2>
      <div className={classes.rows}>
        {ensemble.members.map((member) => (
          <div key={member.id} className={classes.row}>
            <div style={{ minWidth: 0 }}>
              {member.state === "deleted" ? (
                <Text c="dimmed">{member.name} (in the trash)</Text>
              ) : (
                <Link to="/projects/$projectId/models/$modelId" params={{ projectId: project, modelId: member.id }} className="truncate">
                  {member.name}
                </Link>
              )}
              {member.lacks.length > 0 && (
                <Text size="xs" c="dimmed">
                  Has no {member.lacks.join(", ")}: there the other members are used.
                </Text>
              )}
            </div>
            <StateTag state={member.state === "deleted" ? "failed" : member.state} />
            <Text c="dimmed">{member.preset === "imported" ? "made elsewhere" : ""}</Text>
          </div>
        ))}
      </div>
    </section>
  );
}

function Smoothing({ project, ensemble }: { project: string; ensemble: Ensemble }) {
  const { settings } = ensemble;
  const smoother = useSmoothers(project).data?.find((one) => one.method === settings.method);
  return (
    <section className={classes.panel}>
      <h2>Smoothing</h2>
      <Facts
        facts={[
          ["Method", smoother?.title ?? settings.method],
          ...(settings.views.length > 0 ? [["Views", settings.views.join(", ")] as const] : []),
          ...(settings.method === "median"
            ? [["Frames in the median", String(settings.window)] as const]
            : [["How much", settings.smoothing == null ? "found from each video" : String(settings.smoothing)] as const]),
          ["Missing below likelihood", String(settings.min_likelihood)],
          ["Gaps", settings.longest_gap == null ? "bridged" : `empty beyond ${settings.longest_gap} frames`],
        ]}
      />
    </section>
  );
}
