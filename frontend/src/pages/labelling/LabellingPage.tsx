import { IconClock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import type { components } from "@/api/schema";
import { DataTable, type Column } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { LinkButton } from "@/components/LinkButton";
import { PageFrame } from "@/components/PageFrame";
import { count, decimal, duration } from "@/core/format";
import { api, ok } from "@/data/client";

type Row = components["schemas"]["EffortRow"];

const percent = (share: number | null): string => (share === null ? "–" : `${Math.round(share * 100)}%`);

const COLUMNS: readonly Column<Row>[] = [
  { key: "person", header: "Person", width: "minmax(140px, 1fr)", render: (row) => row.user ?? "Somebody" },
  { key: "model", header: "Predictions of", width: "minmax(160px, 1.4fr)", render: (row) => (row.model_id === null ? "none, from scratch" : (row.model ?? "a deleted model")) },
  { key: "frames", header: "Frames", width: "80px", align: "right", render: (row) => count(row.frames) },
  { key: "points", header: "Points", width: "88px", align: "right", render: (row) => count(row.points) },
  { key: "seconds", header: "Time a frame", width: "112px", align: "right", render: (row) => duration(row.seconds_per_frame) },
  { key: "clicks", header: "Clicks a frame", width: "112px", align: "right", render: (row) => decimal(row.clicks_per_frame, 0) },
  { key: "corrected", header: "Points corrected", width: "124px", align: "right", render: (row) => percent(row.corrected_share) },
  {
    key: "distance",
    header: "Moved by",
    width: "96px",
    align: "right",
    render: (row) => (row.correction_px === null ? "–" : `${decimal(row.correction_px)} px`),
  },
  { key: "total", header: "Time in all", width: "108px", align: "right", render: (row) => duration(row.total_seconds) },
];

/** What labelling costs, by person and by the model whose predictions they saw. Times and clicks are medians. */
export function LabellingPage() {
  const { projectId } = useParams({ from: "/app/projects/$projectId/labelling" });
  const effort = useQuery({
    queryKey: ["p", projectId, "labels", "effort"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/effort", { params: { path: { project_id: projectId } } })),
  });
  const list = {
    items: effort.data?.rows ?? [],
    isPending: effort.isPending,
    error: effort.data === undefined ? effort.error : null,
    hasMore: false,
    loadingMore: false,
    loadMore: () => undefined,
    retry: () => void effort.refetch(),
  };
  return (
    <PageFrame
      title="Time spent labelling"
      note="medians a frame; pauses do not count"
      actions={
        <LinkButton to="/projects/$projectId/frames" params={{ projectId }} variant="default">
          Frames
        </LinkButton>
      }
    >
      <DataTable
        label="Time spent labelling"
        list={list}
        columns={COLUMNS}
        rowKey={(row) => `${row.user_id ?? ""} ${row.model_id ?? ""}`}
        empty={<EmptyState icon={IconClock}>Times appear here once frames have been labelled on the label page.</EmptyState>}
      />
    </PageFrame>
  );
}
