import { useElementSize } from "@mantine/hooks";

import { count, decimal } from "@/core/format";
import { placeOn, tickText, ticksTo } from "@/core/plot";
import { useSkeleton } from "@/data/projects";
import type { ErrorSet } from "@/data/types";

import classes from "./diagnostics.module.css";
import type { Unit } from "./Errors";

const ROW = 26;
const NAMES = 150;
const NUMBERS = 64;
const TOP = 4;
const BOTTOM = 40;

interface Props {
  project: string;
  keypoints: ErrorSet["keypoints"];
  unit: Unit;
}

/** A box from the first to the third quartile of each keypoint's errors, whiskers from 5 to 95 %, and the greatest ones. */
export function BoxPlot({ project, keypoints, unit }: Props) {
  const { ref, width } = useElementSize();
  const colours = new Map(useSkeleton(project).data?.keypoints.map((keypoint) => [keypoint.name, keypoint.color]));
  const rows = Object.entries(keypoints).map(([name, figures]) => ({
    name,
    figures,
    quantiles: unit === "px" ? figures.quantiles_px : figures.quantiles_percent,
    highest: unit === "px" ? figures.highest_px : figures.highest_percent,
    mean: unit === "px" ? figures.mean_px : figures.mean_percent,
  }));
  // One point far off would press every box against the axis: such points stand at its end, as triangles.
  const greatest = Math.max(...rows.map((row) => row.quantiles?.[4] ?? 0), 1e-9) * 1.35;
  const ticks = ticksTo(greatest, 6);
  const end = ticks.at(-1) ?? 1;
  const x = placeOn(end, NAMES, Math.max(width - NUMBERS, NAMES + 1));
  const height = TOP + rows.length * ROW + BOTTOM;
  const bottom = TOP + rows.length * ROW;
  return (
    <div ref={ref} className={classes.plot}>
      <svg width={width} height={height} role="img" aria-label="Errors by keypoint">
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={TOP} y2={bottom} className={classes.gridline} />
            <text x={x(tick)} y={bottom + 16} textAnchor="middle">
              {tickText(tick, ticks)}
            </text>
          </g>
        ))}
        <text x={(NAMES + width - NUMBERS) / 2} y={height - 6} textAnchor="middle">
          {unit === "px" ? "Euclidean error (px)" : "Euclidean error (% of body length)"}
        </text>
        <text x={width} y={bottom + 16} textAnchor="end">
          median
        </text>
        {rows.map((row, index) => (
          <g key={row.name} transform={`translate(0 ${TOP + index * ROW + ROW / 2})`}>
            <title>{`${row.name}: mean ${decimal(row.mean, 2)}, median ${decimal(row.quantiles?.[2], 2)}, ${count(row.figures.points)} points`}</title>
            <circle cx={5} cy={0} r={4} fill={colours.get(row.name) ?? "var(--tb-muted)"} />
            <text x={16} dy="0.32em" className={classes.name}>
              {row.name.length > 20 ? `${row.name.slice(0, 19)}…` : row.name}
            </text>
            {row.quantiles && <Box quantiles={row.quantiles} highest={row.highest} mean={row.mean} x={x} end={end} />}
            <text x={width} dy="0.32em" textAnchor="end" className={classes.name}>
              {decimal(row.quantiles?.[2], 2)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

interface BoxProps {
  quantiles: readonly number[];
  highest: readonly number[];
  mean: number | null;
  x: (value: number) => number;
  end: number;
}

function Box({ quantiles, highest, mean, x, end }: BoxProps) {
  const [low = 0, first = 0, middle = 0, third = 0, high = 0] = quantiles;
  const beyond = highest.filter((value) => value > end);
  return (
    <>
      <line x1={x(low)} x2={x(high)} className={classes.whisker} />
      <line x1={x(low)} x2={x(low)} y1={-4} y2={4} className={classes.whisker} />
      <line x1={x(high)} x2={x(high)} y1={-4} y2={4} className={classes.whisker} />
      <rect x={x(first)} y={-7} width={Math.max(1, x(third) - x(first))} height={14} className={classes.box} />
      <line x1={x(middle)} x2={x(middle)} y1={-7} y2={7} className={classes.median} />
      {mean !== null && mean <= end && <path d={`M${x(mean)} -4l4 4l-4 4l-4 -4z`} className={classes.mean} />}
      {highest
        .filter((value) => value > high && value <= end)
        .map((value, index) => (
          <circle key={index} cx={x(value)} cy={0} r={2.2} className={classes.outlier} />
        ))}
      {beyond.length > 0 && (
        <path d={`M${x(end) + 2} -4l6 4l-6 4z`} className={classes.outlier}>
          <title>{`${beyond.length} beyond: up to ${decimal(beyond[0], 1)}`}</title>
        </path>
      )}
    </>
  );
}
