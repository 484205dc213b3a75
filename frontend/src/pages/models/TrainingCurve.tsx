import { Skeleton, Text } from "@mantine/core";
import { useMemo } from "react";

import { Curve, type Series } from "@/components/Curve";
import { ErrorState } from "@/components/ErrorState";
import { useCurve } from "@/data/models";

interface Props {
  project: string;
  model: string;
  live: boolean;
}

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
  return <Curve label="Loss and validation error by epoch" xLabel="Epoch" x={x} series={series} />;
}
