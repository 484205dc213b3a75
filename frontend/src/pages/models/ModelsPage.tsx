import { Button, Text } from "@mantine/core";
import { IconBrain, IconFileImport, IconPlus, IconStack2 } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { LinkButton } from "@/components/LinkButton";
import { PageFrame } from "@/components/PageFrame";
import { StateTag } from "@/components/StateTag";
import { ago, count, decimal } from "@/core/format";
import { useModels } from "@/data/models";
import { useProject } from "@/data/projects";
import type { Model } from "@/data/types";

import { ImportPredictions } from "./ImportPredictions";
import { TrainDialog } from "./TrainDialog";

const pixels = (value: number | null | undefined) => (value === null || value === undefined ? "–" : `${decimal(value)} px`);

const columns: readonly Column<Model>[] = [
  {
    key: "name",
    header: "Model",
    width: "minmax(200px, 2fr)",
    render: (model) => (
      <Text fw={500} className="truncate" title={model.name}>
        {model.name}
      </Text>
    ),
  },
  { key: "state", header: "State", width: "128px", render: (model) => <StateTag state={model.state} /> },
  { key: "preset", header: "Preset", width: "120px", render: (model) => (model.preset === "imported" ? "made elsewhere" : (model.preset ?? "–")) },
  { key: "backbone", header: "Network", width: "minmax(140px, 1fr)", render: (model) => (model.preset === "imported" ? "–" : model.spec.backbone) },
  {
    key: "labels",
    header: "Trained on",
    width: "120px",
    align: "right",
    render: (model) => (model.label_summary.frames > 0 ? `${count(model.label_summary.frames)} frames` : "–"),
  },
  { key: "validation", header: "Validation", width: "104px", align: "right", render: (model) => pixels(model.metrics.validation?.mean_px) },
  { key: "test", header: "Test", width: "96px", align: "right", render: (model) => pixels(model.metrics.test?.mean_px) },
  { key: "made", header: "Made", width: "120px", align: "right", render: (model) => ago(model.created_at, Date.now()) },
];

export function ModelsPage() {
  const { projectId } = useParams({ from: "/app/projects/$projectId/models" });
  const search = useSearch({ from: "/app/projects/$projectId/models" });
  const navigate = useNavigate({ from: "/projects/$projectId/models" });
  const project = useProject(projectId).data;
  const models = useModels(projectId);
  const canTrain = project?.role === "owner" || project?.role === "editor";
  const train = canTrain && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => void navigate({ search: { train: true } })}>
      Train a model
    </Button>
  );
  return (
    <PageFrame
      title="Models"
      actions={
        canTrain && (
          <>
            <Button variant="default" leftSection={<IconFileImport size={14} />} onClick={() => void navigate({ search: { import: true } })}>
              Import predictions
            </Button>
            <LinkButton
              to="/projects/$projectId/ensembles"
              params={{ projectId }}
              search={{ open: "train" }}
              variant="default"
              leftSection={<IconStack2 size={14} />}
            >
              Train an ensemble
            </LinkButton>
            {models.items.length > 0 && train}
          </>
        )
      }
    >
      <DataTable
        label="Models"
        list={models}
        columns={columns}
        rowKey={(model) => model.id}
        onOpen={(model) => void navigate({ to: "/projects/$projectId/models/$modelId", params: { projectId, modelId: model.id } })}
        empty={
          <EmptyState icon={IconBrain} action={train}>
            A model learns from your labelled frames to find the keypoints in every video.
          </EmptyState>
        }
      />
      {project && <TrainDialog project={project} opened={search.train === true} onClose={() => void navigate({ search: {} })} />}
      <ImportPredictions project={projectId} opened={search.import === true} onClose={() => void navigate({ search: {} })} />
    </PageFrame>
  );
}
