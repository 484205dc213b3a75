import { Button, Text } from "@mantine/core";
import { IconPlus, IconStack2 } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { PageFrame } from "@/components/PageFrame";
import { StateTag } from "@/components/StateTag";
import { ago, plural } from "@/core/format";
import { useEnsembles, useSmoothers } from "@/data/ensembles";
import { useProject } from "@/data/projects";
import type { Ensemble } from "@/data/types";

import { CombineDialog } from "./CombineDialog";
import { TrainEnsembleDialog } from "./TrainEnsembleDialog";

function columnsWith(titles: ReadonlyMap<string, string>): readonly Column<Ensemble>[] {
  return [
    {
      key: "name",
      header: "Ensemble",
      width: "minmax(200px, 2fr)",
      render: (one) => (
        <Text fw={500} className="truncate" title={one.name}>
          {one.name}
        </Text>
      ),
    },
    { key: "state", header: "State", width: "128px", render: (one) => <StateTag state={one.state} /> },
    { key: "members", header: "Members", width: "120px", render: (one) => plural(one.members.length, "network") },
    { key: "method", header: "Smoothing", width: "minmax(160px, 1fr)", render: (one) => titles.get(one.settings.method) ?? one.settings.method },
    { key: "videos", header: "Videos", width: "minmax(150px, 1fr)", render: (one) => videosOf(one) },
    { key: "made", header: "Made", width: "120px", align: "right", render: (one) => ago(one.created_at, Date.now()) },
  ];
}

function videosOf({ predictions: { ready, under_way, failed } }: Ensemble): string {
  const parts = [ready > 0 && `${ready} ready`, under_way > 0 && `${under_way} under way`, failed > 0 && `${failed} failed`].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "–";
}

export function EnsemblesPage() {
  const { projectId } = useParams({ from: "/app/projects/$projectId/ensembles" });
  const { open } = useSearch({ from: "/app/projects/$projectId/ensembles" });
  const navigate = useNavigate({ from: "/projects/$projectId/ensembles" });
  const project = useProject(projectId).data;
  const ensembles = useEnsembles(projectId);
  const smoothers = useSmoothers(projectId).data ?? [];
  const canRun = project?.role === "owner" || project?.role === "editor";
  const close = () => void navigate({ search: {} });
  const actions = canRun && (
    <>
      <Button variant="default" leftSection={<IconStack2 size={14} />} onClick={() => void navigate({ search: { open: "combine" } })}>
        Combine models
      </Button>
      <Button leftSection={<IconPlus size={14} />} onClick={() => void navigate({ search: { open: "train" } })}>
        Train an ensemble
      </Button>
    </>
  );
  return (
    <PageFrame title="Ensembles" actions={actions}>
      <DataTable
        label="Ensembles"
        list={ensembles}
        columns={columnsWith(new Map(smoothers.map((one) => [one.method, one.title])))}
        rowKey={(one) => one.id}
        onOpen={(one) => void navigate({ to: "/projects/$projectId/ensembles/$ensembleId", params: { projectId, ensembleId: one.id } })}
        empty={
          <EmptyState icon={IconStack2}>
            An ensemble asks several networks and makes one smooth track of their answers, with a band that is wide where they differ.
          </EmptyState>
        }
      />
      <CombineDialog project={projectId} opened={open === "combine"} onClose={close} />
      {project && <TrainEnsembleDialog project={project} opened={open === "train"} onClose={close} />}
    </PageFrame>
  );
}
