import { Button, Group, Switch, Text } from "@mantine/core";
import { IconChartDots, IconDownload } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { LinkButton } from "@/components/LinkButton";
import { PageFrame } from "@/components/PageFrame";
import { plural } from "@/core/format";
import { useModels } from "@/data/models";
import { notifyDone } from "@/data/notify";
import { usePredict, usePredictions } from "@/data/predictions";
import { useProject } from "@/data/projects";
import { useVideos } from "@/data/videos";

import { ExportDialog } from "../exports/ExportDialog";
import { Matrix } from "./Matrix";

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
  const ready = models.items.filter((model) => model.state === "ready");
  const shown = all === true ? ready : ready.slice(0, 6);
  const lists = [videos, models, predictions];
  const failed = lists.find((list) => list.error !== null);
  const pending = lists.some((list) => list.isPending);
  const nothing = !pending && (videos.items.length === 0 || ready.length === 0);
  const readyCount = predictions.items.filter((one) => one.state === "ready").length;

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
          {canRun && !nothing && <RunButton project={projectId} chosen={chosen} onDone={() => setChosen(new Set())} />}
        </>
      }
      toolbar={
        ready.length > 6 && (
          <Group>
            <Switch
              label={`All ${ready.length} models`}
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
          models={shown}
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

/** Runs the chosen cells, one request a model. Cells are "model/video". */
function RunButton({ project, chosen, onDone }: { project: string; chosen: ReadonlySet<string>; onDone: () => void }) {
  const predict = usePredict(project, () => undefined);
  const run = async () => {
    const byModel = new Map<string, string[]>();
    for (const cell of chosen) {
      const [model = "", video = ""] = cell.split("/");
      byModel.set(model, [...(byModel.get(model) ?? []), video]);
    }
    for (const [model_id, video_ids] of byModel) await predict.mutateAsync({ model_id, video_ids });
    notifyDone(`${plural(chosen.size, "prediction")} under way.`);
    onDone();
  };
  if (chosen.size === 0) return <Text c="dimmed">Choose empty cells to run them.</Text>;
  return (
    <Button loading={predict.isPending} onClick={() => void run().catch(() => undefined)}>
      Run {plural(chosen.size, "prediction")}
    </Button>
  );
}
