import { useMemo } from "react";

import type { PreviewResult } from "@/data/types";

import classes from "./PreviewFrames.module.css";

interface Props {
  looks: NonNullable<PreviewResult["looks"]>;
  kept: readonly number[];
  urls: ReadonlyMap<string, string>;
}

const WIDTH = 240;
const HEIGHT = 160;
const MARGIN = 8;
const HUES = 12;

/** How k-means saw the video: each frame at its first two principal components, coloured by group; chosen ones ringed. */
export function Looks({ looks, kept, urls }: Props) {
  const places = useMemo(() => scaled(looks.places), [looks.places]);
  const chosen = new Set(kept);
  return (
    <div className={classes.looks}>
      <svg className={classes.map} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Frames by how they look">
        {places.map(([x, y], n) => {
          const frame = looks.frames[n] ?? 0;
          const hue = (((looks.groups[n] ?? 0) % HUES) * 360) / HUES;
          const ring = chosen.has(frame) ? { stroke: "currentColor", strokeWidth: 1.5 } : {};
          return <circle key={frame} cx={x} cy={y} r={chosen.has(frame) ? 4 : 1.8} fill={`hsl(${hue} 60% 50%)`} {...ring} />;
        })}
      </svg>
      <div className={classes.components}>
        {looks.components.map((name, n) => (
          <figure key={name}>
            <img src={urls.get(name)} alt={`Component ${n + 1}`} />
            <figcaption>{Math.round(100 * (looks.shares[n] ?? 0))}% of the variety</figcaption>
          </figure>
        ))}
      </div>
    </div>
  );
}

/** Places within the picture, whatever their unit. */
function scaled(places: readonly (readonly [number, number])[]): [number, number][] {
  const along = (axis: 0 | 1, size: number) => {
    const values = places.map((place) => place[axis]);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return (value: number) => MARGIN + ((value - low) / Math.max(high - low, 1e-9)) * (size - 2 * MARGIN);
  };
  const [x, y] = [along(0, WIDTH), along(1, HEIGHT)];
  return places.map((place) => [x(place[0]), y(place[1])]);
}
