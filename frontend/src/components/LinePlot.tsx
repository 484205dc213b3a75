import { useElementSize } from "@mantine/hooks";

import { placeOn, tickText, ticksTo } from "@/core/plot";

import classes from "./LinePlot.module.css";

export interface Line {
  label: string;
  /** Name of a CSS variable that holds the colour. */
  color: string;
  points: readonly { x: number; y: number; title?: string }[];
  dashed?: boolean;
  /** Points without a line between them. */
  scattered?: boolean;
}

interface Props {
  label: string;
  xLabel: string;
  yLabel: string;
  lines: readonly Line[];
  /** The greatest values of the axes, where they are known beforehand. */
  xMax?: number;
  yMax?: number;
  height?: number;
}

const LEFT = 48;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 40;

/** Lines over numbers from 0 on, with a legend; a title tells each point's values. */
export function LinePlot({ label, xLabel, yLabel, lines, xMax, yMax, height = 240 }: Props) {
  const { ref, width } = useElementSize();
  const all = lines.flatMap((line) => line.points);
  const xTicks = ticksTo(xMax ?? Math.max(...all.map((point) => point.x), 0));
  const yTicks = ticksTo(yMax ?? Math.max(...all.map((point) => point.y), 0));
  const x = placeOn(xTicks.at(-1) ?? 1, LEFT, Math.max(width - RIGHT, LEFT + 1));
  const y = placeOn(yTicks.at(-1) ?? 1, height - BOTTOM, TOP);
  return (
    <figure className={classes.figure} ref={ref}>
      <svg width={width} height={height} role="img" aria-label={label}>
        {yTicks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} className={classes.grid} />
            <text x={LEFT - 8} y={y(tick)} dy="0.32em" textAnchor="end">
              {tickText(tick, yTicks)}
            </text>
          </g>
        ))}
        {xTicks.map((tick) => (
          <text key={tick} x={x(tick)} y={height - BOTTOM + 16} textAnchor="middle">
            {tickText(tick, xTicks)}
          </text>
        ))}
        <text x={(LEFT + width - RIGHT) / 2} y={height - 6} textAnchor="middle">
          {xLabel}
        </text>
        <text transform={`translate(11 ${(TOP + height - BOTTOM) / 2}) rotate(-90)`} textAnchor="middle">
          {yLabel}
        </text>
        {lines.map((line) => (
          <Drawn key={line.label} line={line} x={x} y={y} />
        ))}
      </svg>
      <figcaption className={classes.legend}>
        {lines.map((line) => (
          <span key={line.label}>
            <svg width={18} height={10} aria-hidden>
              {line.scattered === true ? (
                <circle cx={9} cy={5} r={3} fill={`var(${line.color})`} />
              ) : (
                <line x1={0} x2={18} y1={5} y2={5} stroke={`var(${line.color})`} strokeWidth={2.5} strokeDasharray={line.dashed === true ? "4 3" : undefined} />
              )}
            </svg>
            {line.label}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

interface DrawnProps {
  line: Line;
  x: (value: number) => number;
  y: (value: number) => number;
}

function Drawn({ line, x, y }: DrawnProps) {
  const colour = `var(${line.color})`;
  const path = line.points.map((point, index) => `${index === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
  return (
    <g>
      {line.scattered !== true && <path d={path} fill="none" stroke={colour} strokeWidth={2} strokeDasharray={line.dashed === true ? "5 4" : undefined} />}
      {line.dashed !== true &&
        line.points.map((point, index) => (
          <circle key={index} cx={x(point.x)} cy={y(point.y)} r={line.scattered === true ? 2 : 3} fill={colour} fillOpacity={line.scattered === true ? 0.35 : 1}>
            {point.title !== undefined && <title>{point.title}</title>}
          </circle>
        ))}
    </g>
  );
}
