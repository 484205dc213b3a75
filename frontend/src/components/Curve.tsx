import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";

export interface Series {
  label: string;
  /** Name of a CSS variable that holds the colour. */
  color: string;
  values: readonly (number | null)[];
  digits: number;
  /** Which vertical axis it belongs to. */
  side: "left" | "right";
}

interface Props {
  label: string;
  xLabel: string;
  x: readonly number[];
  series: readonly Series[];
  height?: number;
}

/** Curves over a common x, at most one unit on each side. */
export function Curve({ label, xLabel, x, series, height = 260 }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme("light");
  const shape = series.map((one) => `${one.label}|${one.color}|${one.side}|${one.digits}`).join();

  useEffect(() => {
    const host = box.current;
    if (host === null) return;
    const made = new uPlot(options(host, series, xLabel, height), [[], ...series.map(() => [])], host);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height }));
    watch.observe(host);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Colours and series decide the plot; values are set below without making it anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, scheme, height, xLabel]);

  useEffect(() => {
    plot.current?.setData([[...x], ...series.map((one) => [...one.values])]);
  }, [x, series, shape, scheme]);

  return <div ref={box} role="img" aria-label={label} style={{ height: height + 28 }} />;
}

function options(host: HTMLElement, series: readonly Series[], xLabel: string, height: number): uPlot.Options {
  const style = getComputedStyle(host);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const line = { stroke: colour("--tb-border"), width: 1 };
  const axis = { stroke: colour("--tb-muted"), font: "12px 'Inter Variable', sans-serif", ticks: { ...line, size: 4 } };
  return {
    width: host.clientWidth,
    height,
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: (_plot, min, max) => [min, Math.max(max, min + 1)] }, left: { range: fromZero }, right: { range: fromZero } },
    legend: { live: true },
    axes: [
      { ...axis, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], label: xLabel, labelSize: 20, labelGap: 0, labelFont: axis.font },
      { ...axis, scale: "left", size: 56, grid: line },
      // uPlot declares the sides as an ambient const enum, which cannot be named here; 1 is the right.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
      { ...axis, scale: "right", side: 1, size: 48, grid: { show: false }, show: series.some((one) => one.side === "right") },
    ],
    series: [
      { label: xLabel, value: (_plot, value: number | null) => (value === null ? "–" : String(value)) },
      ...series.map((one): uPlot.Series => ({
        label: one.label,
        stroke: colour(one.color),
        width: 2,
        scale: one.side,
        spanGaps: true,
        points: { show: one.values.filter((value) => value !== null).length < 40, size: 5 },
        value: (_plot, value: number | null) => (value === null ? "–" : value.toFixed(one.digits)),
      })),
    ],
  };
}

const fromZero = (_plot: uPlot, _min: number, max: number): uPlot.Range.MinMax => [0, Number.isFinite(max) && max > 0 ? max * 1.06 : 1];
