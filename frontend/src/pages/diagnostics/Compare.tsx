import { Alert, Button, MultiSelect, Skeleton, Text } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { type Line, LinePlot } from "@/components/LinePlot";
import { count, decimal } from "@/core/format";
import { useCompare, useComparison } from "@/data/diagnostics";
import { useProject } from "@/data/projects";
import type { Comparison, Interval, Model } from "@/data/types";

import classes from "./diagnostics.module.css";

const route = getRouteApi("/app/projects/$projectId/diagnostics");
const MIDDLE = "median of all";

interface Props {
  project: string;
  ready: readonly Model[];
}

/** Several models on the same labels: do those that disagree err, and how much does the error vary over splits? */
export function Compare({ project, ready }: Props) {
  const navigate = useNavigate({ from: "/projects/$projectId/diagnostics" });
  const { comparison } = route.useSearch();
  const role = useProject(project).data?.role;
  const [chosen, setChosen] = useState<string[]>([]);
  const compare = useCompare(project, (job) => void navigate({ search: (before) => ({ ...before, comparison: job }), replace: true }));
  return (
    <section aria-label="Models compared" className={classes.section}>
      <div className={classes.bar}>
        <h2>Models compared</h2>
        {(role === "owner" || role === "editor") && (
          <>
            <MultiSelect
              aria-label="Models to compare"
              size="xs"
              w={420}
              placeholder={chosen.length === 0 ? "Two or more models that were measured" : ""}
              value={chosen}
              onChange={setChosen}
              maxValues={20}
              data={ready.map((one) => ({ value: one.id, label: one.name }))}
            />
            <Button leftSection={<IconScale size={14} />} disabled={chosen.length < 2} loading={compare.isPending} onClick={() => compare.mutate(chosen)}>
              Compare
            </Button>
          </>
        )}
      </div>
      {comparison === undefined ? (
        <Text c="dimmed">Points on which models disagree are those where they err. Compare some to see how far that holds here.</Text>
      ) : (
        <Result key={comparison} project={project} job={comparison} ready={ready} />
      )}
    </section>
  );
}

function Result({ project, job, ready }: Props & { job: string }) {
  const reply = useComparison(project, job);
  if (reply.error && !reply.data) return <ErrorState error={reply.error} onRetry={() => void reply.refetch()} />;
  if (!reply.data) return <Skeleton height={260} />;
  const { spread, trainings, missing } = reply.data;
  const state = reply.data.job.state;
  if (state === "failed" || state === "cancelled") return <Alert color="orange">{reply.data.job.error_detail ?? "The comparison was cancelled."}</Alert>;
  if (state !== "succeeded") return <Skeleton height={260} />;
  const name = (id: string) => ready.find((one) => one.id === id)?.name ?? (id === MIDDLE ? "Median of all" : id.slice(0, 8));
  return (
    <div className={classes.grid}>
      <div className={classes.panel}>
        <h3>Error against spread</h3>
        {spread ? <SpreadPlot spread={spread} name={name} /> : <Text c="dimmed">{missing.spread}</Text>}
      </div>
      <div className={classes.panel}>
        <h3>When uncertain points are dropped</h3>
        {spread ? <KeptPlot spread={spread} name={name} /> : <Text c="dimmed">{missing.spread}</Text>}
      </div>
      <div className={`${classes.panel} ${classes.wide}`}>
        <h3>As trainings on several splits</h3>
        {trainings ? <OverSplits trainings={trainings} /> : <Text c="dimmed">{missing.trainings}</Text>}
      </div>
    </div>
  );
}

type Spread = NonNullable<Comparison["spread"]>;

interface SpreadProps {
  spread: Spread;
  name: (id: string) => string;
}

/** The median first, then the models, as many as there are colours for. */
const drawn = (spread: Spread) => [MIDDLE, ...Object.keys(spread.mean_px).filter((id) => id !== MIDDLE)].slice(0, 6);

function SpreadPlot({ spread, name }: SpreadProps) {
  const lines: Line[] = [
    { label: "a point", color: "--tb-muted", scattered: true, points: spread.scatter.map(([x = 0, y = 0]) => ({ x, y })) },
    ...drawn(spread).map((id, index) => ({
      label: `${name(id)}, at least that spread`,
      color: `--tb-plot-${index + 1}`,
      points: spread.hardest.map((step) => ({ x: step.spread_px, y: step.mean_px[id] ?? 0, title: `${count(step.points)} points: ${decimal(step.mean_px[id], 2)} px` })),
    })),
  ];
  return (
    <>
      <LinePlot label="Error against spread of the models" xLabel="Standard deviation of the models (px)" yLabel="Error (px)" lines={lines} height={280} />
      <Text size="xs" c="dimmed" mt={4}>
        {count(spread.points)} points; rank correlation of spread and error {decimal(spread.correlation, 2)}.
      </Text>
    </>
  );
}

function KeptPlot({ spread, name }: SpreadProps) {
  const lines: Line[] = drawn(spread).map((id, index) => ({
    label: `${name(id)} (${decimal(spread.mean_px[id], 2)} px in all)`,
    color: `--tb-plot-${index + 1}`,
    points: spread.kept.map((step) => ({
      x: 100 * (step.share ?? 0),
      y: step.mean_px[id] ?? 0,
      title: `${decimal(100 * (step.share ?? 0), 0)} % of the points: ${decimal(step.mean_px[id], 2)} px`,
    })),
  }));
  return <LinePlot label="Error of the points that are kept" xLabel="Points kept (%), the surest first" yLabel="Mean error (px)" xMax={100} lines={lines} height={280} />;
}

function OverSplits({ trainings }: { trainings: NonNullable<Comparison["trainings"]> }) {
  const doubts = [
    trainings.enough ? null : "Fewer than five trainings: the interval says little.",
    trainings.grouped ? null : "A recording was in training and test of one of them: its error is too low.",
    trainings.distinct ? null : "Some tested the same frames: train with other seeds of the split.",
  ].filter((one) => one !== null);
  const rows: [string, Interval][] = [["All keypoints", trainings.mean_px], ...Object.entries(trainings.keypoints)];
  return (
    <>
      {doubts.map((doubt) => (
        <Text key={doubt} size="xs" c="var(--tb-warn)">
          {doubt}
        </Text>
      ))}
      <div className={classes.scroll}>
        <table className={classes.table} aria-label="Error over splits">
          <thead>
            <tr>
              <th>Keypoint</th>
              <th data-number>Mean (px)</th>
              <th data-number>95% interval</th>
              <th>Each training (px)</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, interval]) => (
              <tr key={name}>
                <td>{name}</td>
                <td data-number>{decimal(interval.mean, 2)}</td>
                <td data-number>{interval.low === null ? "–" : `${decimal(interval.low, 2)} to ${decimal(interval.high, 2)}`}</td>
                <td>{interval.values.map((value) => decimal(value, 1)).join(", ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
