import { SegmentedControl, Select, Text } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { type Line, LinePlot } from "@/components/LinePlot";
import { count, decimal, plural } from "@/core/format";
import type { ErrorFigures, ErrorSet, Evaluation } from "@/data/types";

import { BoxPlot } from "./BoxPlot";
import classes from "./diagnostics.module.css";
import { Groups } from "./Groups";
import { WorstImages } from "./WorstImages";

const route = getRouteApi("/app/projects/$projectId/diagnostics");

export type Unit = "px" | "percent";

const SETS: readonly { value: "test" | "validation" | "train" | "all"; label: string; note: string }[] = [
  { value: "test", label: "Test", note: "Frames that the training never looked at: the honest error." },
  { value: "validation", label: "Validation", note: "Frames that chose the best epoch: the error of new frames is a little higher." },
  { value: "train", label: "Training", note: "Frames the model learnt from: the error of new frames is higher." },
  { value: "all", label: "All", note: "Training frames are among these: the error of new frames is higher." },
];

/** A model's errors on labelled frames. */
export function Errors({ project, evaluation }: { project: string; evaluation: Evaluation }) {
  const navigate = useNavigate({ from: "/projects/$projectId/diagnostics" });
  const search = route.useSearch();
  const there = SETS.filter((one) => evaluation.sets[one.value] !== undefined);
  const chosen = there.find((one) => one.value === search.set) ?? there[0];
  const block = chosen && evaluation.sets[chosen.value];
  const unit = search.unit ?? "px";
  if (!chosen || !block) return <Text c="dimmed">No labelled frame shows a keypoint of this model.</Text>;
  return (
    <section aria-label="Errors on labelled frames" className={classes.section}>
      <div className={classes.bar}>
        <h2>Errors on labelled frames</h2>
        <SegmentedControl
          aria-label="Frames"
          value={chosen.value}
          data={there.map(({ value, label }) => ({ value, label }))}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, set: value }), replace: true })}
        />
        <SegmentedControl
          aria-label="Unit"
          value={unit}
          data={[
            { value: "px", label: "Pixels" },
            { value: "percent", label: "% of body length" },
          ]}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, unit: value }), replace: true })}
        />
      </div>
      <Figures figures={block.figures} />
      <Text size="xs" c="dimmed" mb="sm" maw={900}>
        {chosen.note} {bodyNote(evaluation.body_length_px)}
      </Text>
      <div className={classes.grid}>
        <div className={`${classes.panel} ${classes.wide}`}>
          <h3>By keypoint</h3>
          <BoxPlot project={project} keypoints={block.keypoints} unit={unit} />
        </div>
        <ByField block={block} unit={unit} />
        <div className={classes.panel}>
          <h3>What a likelihood is worth</h3>
          <ReliabilityPlot block={block} />
        </div>
        <div className={`${classes.panel} ${classes.wide}`}>
          <h3>Worst frames</h3>
          <WorstImages project={project} images={evaluation.worst} unit={unit} />
        </div>
      </div>
    </section>
  );
}

function bodyNote(lengths: Readonly<Record<string, number>>): string {
  const told = Object.entries(lengths).map(([name, length]) => `${name === "body" ? "" : `${name}: `}${decimal(length, 0)} px`);
  if (told.length === 0) return "";
  return `Body length: median over the labelled animals of the greatest distance between two labelled points (${told.slice(0, 4).join(", ")}).`;
}

function Figures({ figures }: { figures: ErrorFigures }) {
  const told: readonly (readonly [string, string])[] = [
    [`${decimal(figures.mean_px, 2)} px`, "mean Euclidean error"],
    [`${decimal(figures.median_px, 2)} px`, "median"],
    [`${decimal(figures.p90_px, 2)} px`, "90th percentile"],
    [`${decimal(figures.rmse_px, 2)} px`, "root mean square"],
    [`${decimal(figures.mean_percent, 1)} %`, "mean, of body length"],
    [count(figures.points), `points in ${plural(figures.images, "frame")}`],
  ];
  return (
    <div className={classes.figures}>
      {told.map(([value, label]) => (
        <div key={label}>
          <strong>{value}</strong>
          <span>{label}</span>
        </div>
      ))}
    </div>
  );
}

const FIELDS: Readonly<Record<string, string>> = { recording: "Recording", view: "Camera", animal: "Animal", session: "Session", rig: "Rig", condition: "Condition" };

function ByField({ block, unit }: { block: ErrorSet; unit: Unit }) {
  const names = Object.keys(block.fields).filter((name) => name !== "domain");
  const [wanted, setWanted] = useState<string | null>(null);
  const name = names.find((one) => one === wanted) ?? names.find((one) => one !== "view") ?? names[0];
  const apart = Object.keys(block.domains).length > 1;
  return (
    <div className={classes.panel}>
      <div className={classes.bar}>
        <h3>By recording</h3>
        {names.length > 1 && (
          <Select
            aria-label="Group by"
            size="xs"
            w={150}
            allowDeselect={false}
            value={name ?? null}
            onChange={setWanted}
            data={names.map((one) => ({ value: one, label: FIELDS[one] ?? one }))}
          />
        )}
      </div>
      <Text size="xs" c="dimmed" mb="xs">
        {apart
          ? "Out of domain are recordings whose field “domain” is OOD; no network learns from them."
          : "No frames out of domain: set the field “domain” of a recording to OOD to test on it without learning from it."}
      </Text>
      {apart && <Groups groups={block.domains} unit={unit} label="In and out of domain" />}
      {name === undefined ? (
        <Text c="dimmed" py="lg">
          These frames belong to no recording.
        </Text>
      ) : (
        <Groups groups={block.fields[name] ?? {}} unit={unit} label={`Errors by ${FIELDS[name] ?? name}`} />
      )}
    </div>
  );
}

function ReliabilityPlot({ block }: { block: ErrorSet }) {
  const { within, bins } = block.reliability;
  if (bins.length === 0) return <Text c="dimmed">There is no body length to measure with: label at least two points in a frame.</Text>;
  const lines: Line[] = within.map((distance, index) => ({
    label: `within ${distance} % of the body`,
    color: `--tb-plot-${index + 1}`,
    points: bins.map((bin) => ({
      x: bin.likelihood,
      y: bin.share[index] ?? 0,
      title: `Likelihood ${decimal(bin.low)} to ${decimal(bin.high)}: ${decimal(100 * (bin.share[index] ?? 0), 0)} % of ${plural(bin.points, "point")}`,
    })),
  }));
  const honest: Line = { label: "as it says", color: "--tb-muted", dashed: true, points: [{ x: 0, y: 0 }, { x: 1, y: 1 }] };
  return <LinePlot label="Share of close points by likelihood" xLabel="Likelihood" yLabel="Share of points" xMax={1} yMax={1} lines={[...lines, honest]} />;
}
