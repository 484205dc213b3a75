import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";

import type { Band } from "@/core/trace";

export interface TraceLine {
  label: string;
  /** A colour, or the name of a CSS variable that holds one. */
  color: string;
  width: number;
  values: readonly (number | null)[];
}

interface Props {
  label: string;
  frames: readonly number[];
  lines: readonly TraceLine[];
  band: Band | null;
  frame: number;
  height: number;
  onSeek: (frame: number) => void;
}

/** Lines over the frames around the shown one, which a vertical line marks; a click goes to a frame. */
export function TracePlot({ label, frames, lines, band, frame, height, onSeek }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ frame, onSeek });
  const scheme = useComputedColorScheme("light");
  const shape = `${lines.map((one) => `${one.label}|${one.color}|${one.width}`).join()}|${band === null ? "" : "band"}`;
  useEffect(() => {
    latest.current = { frame, onSeek };
    plot.current?.redraw(false);
  });

  useEffect(() => {
    const host = box.current;
    if (host === null) return;
    const made = new uPlot(options(host, lines, band !== null, height, () => latest.current.frame), [[]], host);
    made.over.addEventListener("click", (event) => latest.current.onSeek(Math.round(made.posToVal(event.offsetX, "x"))));
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height }));
    watch.observe(host);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Colours and lines decide the plot; values are set below without making it anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, scheme, height]);

  useEffect(() => {
    const edges = band === null ? [] : [band.low, band.high];
    plot.current?.setData([[...frames], ...edges, ...lines.map((one) => [...one.values])]);
  }, [frames, lines, band, shape, scheme, height]);

  return <div ref={box} role="img" aria-label={label} data-testid="trace" data-band={band !== null} style={{ height, cursor: "pointer" }} />;
}

function options(host: HTMLElement, lines: readonly TraceLine[], banded: boolean, height: number, frame: () => number): uPlot.Options {
  const style = getComputedStyle(host);
  const colour = (name: string) => (name.startsWith("--") ? style.getPropertyValue(name).trim() : name);
  const grid = { stroke: colour("--tb-border"), width: 1 };
  const axis = { stroke: colour("--tb-muted"), font: "12px 'Inter Variable', sans-serif", ticks: { ...grid, size: 4 } };
  const edge: uPlot.Series = { width: 0, points: { show: false } };
  const strong = colour(lines.at(-1)?.color ?? "--tb-muted");
  return {
    width: host.clientWidth,
    height,
    cursor: { points: { size: 5 }, drag: { x: false, y: false } },
    scales: { x: { time: false } },
    legend: { show: false },
    padding: [8, 12, 0, 0],
    axes: [
      { ...axis, grid: { show: false }, size: 26 },
      { ...axis, grid, size: 52 },
    ],
    // The first two lines are the edges of the band.
    bands: banded ? [{ series: [2, 1], fill: `color-mix(in srgb, ${strong} 28%, transparent)` }] : [],
    series: [
      {},
      ...(banded ? [edge, edge] : []),
      ...lines.map((one): uPlot.Series => ({ label: one.label, stroke: colour(one.color), width: one.width, points: { show: false } })),
    ],
    hooks: { draw: [(plot) => markFrame(plot, frame(), colour("--tb-muted"))] },
  };
}

function markFrame(plot: uPlot, frame: number, color: string): void {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(frame, "x", true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
