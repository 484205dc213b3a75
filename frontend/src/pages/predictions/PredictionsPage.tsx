import { Button, Group, Switch, Text } from "@mantine/core";
import { IconChartDots, IconDownload } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { LinkButton } from "@/components/LinkButton";
import { PageFrame } from "@/components/PageFrame";
import { decimal, plural } from "@/core/format";
import { useEnsembles, useRunEnsemble } from "@/data/ensembles";
import { useModels } from "@/data/models";
import { notifyDone } from "@/data/notify";
import { usePredict, usePredictions } from "@/data/predictions";
import { useProject } from "@/data/projects";
import type { Ensemble, Model } from "@/data/types";
import { useVideos } from "@/data/videos";

import { ExportDialog } from "../exports/ExportDialog";
import { type Maker, Matrix } from "./Matrix";

export function PredictionsPage() {
  const { projectId } = useParams({ from: "/app/projects/$projectId/predictions" });
  const { all } = useSearch({ from: "/app/projects/$projectId/predictions" });
  const navigate = useNavigate({ from: "/projects/$projectId/predictions" });
  const role = useProject(projectId).data?.role;
  const videos = useVideos(projectId, { state: "ready" });
  const models = useModels(projectId);
  const predictions = usePredictions(projectId);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [exporting, setExporting] = useState(false);
  const canRun = role === "owner" || role === "editor";
  const ensembles = useEnsembles(projectId);
  const ready = makersOf(models.items, ensembles.items);
  const shown = all === true ? ready : ready.slice(0, SHOWN);
  const lists = [videos, models, ensembles, predictions];
  const failed = lists.find((list) => list.error !== null);
  const pending = lists.some((list) => list.isPending);
  const nothing = !pending && (videos.items.length === 0 || ready.length === 0);
  const readyCount = new Set(predictions.items.filter((one) => one.state === "ready").map((one) => one.video.id)).size;

  return (
    <PageFrame
      title="Predictions"
      note={readyCount > 0 ? `${plural(readyCount, "video")} predicted` : undefined}
      actions={
        <>
          {readyCount > 0 && (
            <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => setExporting(true)}>
              Download
            </Button>
          )}
          {canRun && !nothing && <RunButton project={projectId} makers={ready} chosen={chosen} onDone={() => setChosen(new Set())} />}
        </>
      }
      toolbar={
        ready.length > SHOWN && (
          <Group>
            <Switch
              label={`All ${ready.length} models and ensembles`}
              checked={all === true}
              onChange={(event) => void navigate({ search: event.currentTarget.checked ? { all: true } : {}, replace: true })}
            />
          </Group>
        )
      }
    >
      {failed?.error && <ErrorState error={failed.error} onRetry={failed.retry} />}
      {!failed && nothing && <Nothing project={projectId} hasVideos={videos.items.length > 0} />}
      {!failed && !nothing && (
        <Matrix
          project={projectId}
          videos={videos}
          makers={shown}
          predictions={predictions.items}
          pending={pending}
          {...(canRun ? { chosen, onChoose: setChosen } : {})}
        />
      )}
      <ExportDialog project={projectId} what="predictions" opened={exporting} onClose={() => setExporting(false)} />
    </PageFrame>
  );
}

function Nothing({ project, hasVideos }: { project: string; hasVideos: boolean }) {
  const params = { projectId: project };
  return (
    <EmptyState
      icon={IconChartDots}
      action={
        hasVideos ? (
          <LinkButton to="/projects/$projectId/models" params={params}>
            Train a model
          </LinkButton>
        ) : (
          <LinkButton to="/projects/$projectId/videos" params={params}>
            Add videos
          </LinkButton>
        )
      }
    >
      {hasVideos ? "Here every trained model meets every video; there is no trained model yet." : "Here every trained model meets every video; there is no video yet."}
    </EmptyState>
  );
}

const SHOWN = 6;

/** Ensembles first: their tracks are the better ones. */
function makersOf(models: readonly Model[], ensembles: readonly Ensemble[]): Maker[] {
  const ready = ensembles.filter((one) => one.state === "ready");
  return [
    ...ready.map((one): Maker => ({ kind: "ensemble", id: one.id, name: one.name, note: `${one.members.length} networks`, mayRun: true })),
    ...models.filter((one) => one.state === "ready").map(modelAsMaker),
  ];
}

function modelAsMaker(model: Model): Maker {
  const error = (model.metrics.test ?? model.metrics.validation)?.mean_px;
  const imported = model.preset === "imported";
  const note = imported ? "made elsewhere" : error === null || error === undefined ? model.spec.backbone : `${decimal(error)} px`;
  return { kind: "model", id: model.id, name: model.name, note, mayRun: !imported };
}

interface RunProps {
  project: string;
  makers: readonly Maker[];
  chosen: ReadonlySet<string>;
  onDone: () => void;
}

/** Runs the chosen cells, one request a model or ensemble. Cells are "maker/video". */
function RunButton({ project, makers, chosen, onDone }: RunProps) {
  const predict = usePredict(project, () => undefined);
  const runEnsemble = useRunEnsemble(project);
  const run = async () => {
    const byMaker = new Map<string, string[]>();
    for (const cell of chosen) {
      const [maker = "", video = ""] = cell.split("/");
      byMaker.set(maker, [...(byMaker.get(maker) ?? []), video]);
    }
    for (const [id, video_ids] of byMaker) {
      const kind = makers.find((one) => one.id === id)?.kind;
      await (kind === "ensemble" ? runEnsemble.mutateAsync({ id, video_ids }) : predict.mutateAsync({ model_id: id, video_ids }));
    }
    notifyDone(`${plural(chosen.size, "prediction")} under way.`);
    onDone();
  };
  if (chosen.size === 0) return <Text c="dimmed">Choose empty cells to run them.</Text>;
  return (
    <Button loading={predict.isPending || runEnsemble.isPending} onClick={() => void run().catch(() => undefined)}>
      Run {plural(chosen.size, "prediction")}
    </Button>
  );
}
