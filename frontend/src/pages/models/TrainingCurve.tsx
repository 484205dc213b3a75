import { Chip, Group, Skeleton, Text } from "@mantine/core";
import { useMemo, useState } from "react";

import { Curve, type Series } from "@/components/Curve";
import { ErrorState } from "@/components/ErrorState";
import { useCurve } from "@/data/models";
import type { CurvePoint } from "@/data/types";

interface Props {
  project: string;
  model: string;
  live: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  supervised: "Labels",
  temporal: "Smooth motion",
  temporal_heatmap: "Smooth maps",
  pose_pca: "Plausible poses",
  multiview_pca: "Views agree",
  reprojection: "Cameras agree",
  pairwise: "Pairs of cameras agree",
  unimodal: "One peak a map",
  wait_share: "Share of time waiting for data",
  learning_rate: "Learning rate",
};

/** Loss and validation error, and beneath them every other number the training tells, one at a time. */
export function TrainingCurve({ project, model, live }: Props) {
  const curve = useCurve(project, model, live);
  const points = curve.data;
  const x = useMemo(() => (points ?? []).map((point) => point.epoch), [points]);
  const series = useMemo(
    (): Series[] => [
      { label: "Training loss", color: "--tb-curve-train", side: "left", digits: 5, values: (points ?? []).map((p) => p.train_loss ?? null) },
      { label: "Validation error (px)", color: "--tb-curve-validation", side: "right", digits: 2, values: (points ?? []).map((p) => p.validation_px ?? null) },
    ],
    [points],
  );
  if (curve.error && !points) return <ErrorState error={curve.error} onRetry={() => void curve.refetch()} />;
  if (!points) return <Skeleton height={288} />;
  if (points.length === 0) {
    return (
      <Text c="dimmed" py="xl" ta="center">
        {live ? "The curve begins with the first epoch." : "This model has no recorded training."}
      </Text>
    );
  }
  return (
    <>
      <Curve label="Loss and validation error by epoch" xLabel="Epoch" x={x} series={series} />
      <Others points={points} x={x} />
    </>
  );
}

/** Each loss has its own size, so that a common axis would hide the small ones: one is shown at a time. */
function Others({ points, x }: { points: readonly CurvePoint[]; x: readonly number[] }) {
  const names = useMemo(() => [...new Set([...points.flatMap((point) => Object.keys(point.others ?? {})), "learning_rate"])], [points]);
  const [chosen, setChosen] = useState<string | null>(null);
  const series = useMemo(
    (): Series[] => [
      {
        label: NAMES[chosen ?? ""] ?? chosen ?? "",
        color: "--tb-plot-3",
        side: "left",
        digits: 5,
        values: points.map((point) => (chosen === "learning_rate" ? point.learning_rate : point.others?.[chosen ?? ""]) ?? null),
      },
    ],
    [points, chosen],
  );
  return (
    <>
      <Group gap="xs" mt="sm" role="group" aria-label="Further curves">
        {names.map((name) => (
          <Chip key={name} size="xs" checked={chosen === name} onChange={(on) => setChosen(on ? name : null)}>
            {NAMES[name] ?? name.replaceAll("_", " ")}
          </Chip>
        ))}
      </Group>
      {chosen !== null && <Curve label={`${NAMES[chosen] ?? chosen} by epoch`} xLabel="Epoch" x={x} series={series} height={180} />}
    </>
  );
}
