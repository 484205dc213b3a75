import { SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";

import { count, decimal } from "@/core/format";
import { useSkeleton } from "@/data/projects";
import type { Metrics, Model } from "@/data/types";

import classes from "./ModelPage.module.css";

const SPLITS: Record<string, string> = { validation: "Validation", test: "Test", train: "Training", all: "All frames", current: "All labels of today" };

/** Pixel errors of each keypoint as bars and numbers. */
export function ErrorTable({ metrics, project }: { metrics: Model["metrics"]; project: string }) {
  const splits = Object.keys(metrics).filter((split) => metrics[split] !== undefined);
  const [chosen, setChosen] = useState<string | null>(null);
  const split = chosen ?? splits.find((one) => one === "test") ?? splits[0];
  const block = split === undefined ? undefined : metrics[split];
  if (!block) return <Text c="dimmed">The errors stand here when the training is through.</Text>;
  return (
    <>
      {splits.length > 1 && (
        <SegmentedControl
          mb="md"
          value={split ?? ""}
          onChange={setChosen}
          data={splits.map((one) => ({ value: one, label: SPLITS[one] ?? one }))}
          aria-label="Frames"
        />
      )}
      <Sum block={block} />
      <Keypoints block={block} project={project} />
    </>
  );
}

function Sum({ block }: { block: Metrics }) {
  const figures = [
    ["Mean", block.mean_px],
    ["Median", block.median_px],
    ["90th percentile", block.p90_px],
    ["Root mean square", block.rmse_px],
  ] as const;
  return (
    <div className={classes.sum}>
      {figures.map(([label, value]) => (
        <div key={label}>
          <strong>{decimal(value, 2)} px</strong>
          <span>{label}</span>
        </div>
      ))}
      <div>
        <strong>{count(block.points)}</strong>
        <span>Points</span>
      </div>
    </div>
  );
}

function Keypoints({ block, project }: { block: Metrics; project: string }) {
  const colors = new Map(useSkeleton(project).data?.keypoints.map((keypoint) => [keypoint.name, keypoint.color]));
  const rows = Object.entries(block.per_keypoint);
  const most = Math.max(...rows.map(([, error]) => error.mean_px ?? 0), 1e-9);
  return (
    <table className={classes.errors}>
      <thead>
        <tr>
          <th>Keypoint</th>
          <th style={{ width: "50%" }}>Mean error</th>
          <th data-number>Mean</th>
          <th data-number>Median</th>
          <th data-number>Points</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, error]) => (
          <tr key={name}>
            <td>
              <span className={classes.dot} style={{ background: colors.get(name) ?? "var(--tb-muted)" }} />
              {name}
            </td>
            <td>
              <div className={classes.bar} style={{ width: `${(100 * (error.mean_px ?? 0)) / most}%` }} />
            </td>
            <td data-number>{decimal(error.mean_px, 2)}</td>
            <td data-number>{decimal(error.median_px, 2)}</td>
            <td data-number>{count(error.points)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
