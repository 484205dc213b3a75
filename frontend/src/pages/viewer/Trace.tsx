import { SegmentedControl, Select, Text } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";

import type { PoseStore } from "@/core/poses";
import type { DrawnSkeleton } from "@/core/skeleton";
import { bandOf, type Coordinate, framesOf, loadSpan, spanAround, traceOf } from "@/core/trace";

import { TracePlot } from "./TracePlot";
import type { Track } from "./tracks";
import classes from "./viewer.module.css";

interface Props {
  name: string;
  skeleton: DrawnSkeleton;
  individuals: readonly string[];
  poses: PoseStore;
  variance: PoseStore | null;
  tracks: readonly Track[];
  frame: number;
  frameCount: number;
  keypoint: string;
  onKeypoint: (keypoint: string) => void;
  onSeek: (frame: number) => void;
  onProblem: (message: string) => void;
}

const COORDINATES = [
  { value: "x", label: "x" },
  { value: "y", label: "y" },
  { value: "likelihood", label: "Likelihood" },
];
const LENGTHS = ["100", "300", "1000", "3000"];
const HEIGHT = 128;

/** One keypoint over time: every track thin, the viewed one thick, with the band in which it lies with 90 % certainty. */
export function Trace(props: Props) {
  const { skeleton, individuals, poses, variance, tracks, frame, frameCount } = props;
  const [coordinate, setCoordinate] = useState<Coordinate>("x");
  const [length, setLength] = useState("300");
  const [animal, setAnimal] = useState("0");
  const span = useMemo(() => spanAround(frame, Number(length), frameCount), [frame, length, frameCount]);
  const arrivals = useArrivals(poses, variance, tracks, span.first, span.last, props.onProblem);
  const individual = Number(animal);
  const place = Math.max(0, skeleton.keypoints.findIndex((one) => one.name === props.keypoint));
  const plot = useMemo(() => {
    const own = traceOf(poses, individual, place, coordinate, span);
    const others = tracks.map((track) => ({
      label: track.name,
      color: track.color,
      width: 1,
      values: traceOf(track.poses, individual, track.places[place] ?? -1, coordinate, span),
    }));
    return {
      frames: framesOf(span),
      lines: [...others, { label: props.name, color: "--mantine-primary-color-filled", width: 2.5, values: own }],
      band: variance === null || coordinate === "likelihood" ? null : bandOf(own, variance, individual, place, coordinate, span),
    };
    // Stores fill without becoming others; `arrivals` counts what came.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [poses, variance, tracks, individual, place, coordinate, span, props.name, arrivals]);
  return (
    <section className={classes.trace} aria-label="Trace of a keypoint">
      <div className={classes.traceBar}>
        <Select
          aria-label="Keypoint"
          size="xs"
          w={180}
          searchable
          data={skeleton.keypoints.map((one) => one.name)}
          value={skeleton.keypoints[place]?.name ?? null}
          onChange={(value) => value !== null && props.onKeypoint(value)}
          allowDeselect={false}
        />
        {individuals.length > 1 && (
          <Select
            aria-label="Animal"
            size="xs"
            w={140}
            data={individuals.map((name, i) => ({ value: String(i), label: name }))}
            value={animal}
            onChange={(value) => setAnimal(value ?? "0")}
            allowDeselect={false}
          />
        )}
        <SegmentedControl aria-label="What is plotted" data={COORDINATES} value={coordinate} onChange={(value) => setCoordinate(value as Coordinate)} />
        <Select
          aria-label="Frames in the plot"
          size="xs"
          w={124}
          data={LENGTHS.map((value) => ({ value, label: `${value} frames` }))}
          value={length}
          onChange={(value) => setLength(value ?? "300")}
          allowDeselect={false}
        />
        {plot.band?.low.some((value) => value !== null) && (
          <Text size="xs" c="dimmed" className="truncate">
            The band holds the point with 90 % certainty.
          </Text>
        )}
      </div>
      <TracePlot label={`${coordinate} of ${skeleton.keypoints[place]?.name ?? ""}`} {...plot} frame={frame} height={HEIGHT} onSeek={props.onSeek} />
    </section>
  );
}

/** Fetches what the plot shows, and counts up when something came. */
function useArrivals(
  poses: PoseStore,
  variance: PoseStore | null,
  tracks: readonly Track[],
  first: number,
  last: number,
  onProblem: (message: string) => void,
): number {
  const [arrivals, setArrivals] = useState(0);
  useEffect(() => {
    let wanted = true;
    const stores = [poses, ...(variance ? [variance] : []), ...tracks.map((track) => track.poses)];
    const missing = stores.filter((store) => store.peek(first) === null || store.peek(last) === null || last - first > 512);
    Promise.all(missing.map((store) => loadSpan(store, { first, last })))
      .then(() => wanted && missing.length > 0 && setArrivals((count) => count + 1))
      .catch((problem: unknown) => onProblem(problem instanceof Error ? problem.message : String(problem)));
    return () => {
      wanted = false;
    };
  }, [poses, variance, tracks, first, last, onProblem]);
  return arrivals;
}
