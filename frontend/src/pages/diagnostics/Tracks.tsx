import { SegmentedControl, Skeleton, Text } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { Curve, type Series } from "@/components/Curve";
import { ErrorState } from "@/components/ErrorState";
import { LinkButton } from "@/components/LinkButton";
import { count, decimal } from "@/core/format";
import { useTrack, useTracksOf } from "@/data/diagnostics";
import { saveFile } from "@/data/saveFile";
import type { Model, Track, TrackFigures } from "@/data/types";

import classes from "./diagnostics.module.css";

const route = getRouteApi("/app/projects/$projectId/diagnostics");

const MEASURES: Readonly<Record<string, { label: string; note: string }>> = {
  temporal_norm: { label: "Temporal norm", note: "How far points move from one frame to the next." },
  pose_pca: { label: "Pose PCA", note: "How far points lie from the nearest pose that the labelled ones can form." },
  multiview_pca: { label: "Multi-view PCA", note: "How far the views of a body part are from showing one point in space." },
};
const NAMES = Object.keys(MEASURES);

/** What the model predicted, measured without labels. */
export function Tracks({ project, model }: { project: string; model: Model }) {
  const navigate = useNavigate({ from: "/projects/$projectId/diagnostics" });
  const search = route.useSearch();
  const tracks = useTracksOf(project, model.id);
  const chosen = tracks.items.find((one) => one.prediction_id === search.track) ?? tracks.items[0];
  return (
    <section aria-label="Predicted videos" className={classes.section}>
      <div className={classes.bar}>
        <h2>Predicted videos</h2>
        <Text size="xs" c="dimmed">
          measured without labels, in pixels; no point is left out for its likelihood
        </Text>
      </div>
      {tracks.error !== null && <ErrorState error={tracks.error} onRetry={tracks.retry} />}
      {tracks.isPending && <Skeleton height={160} />}
      {!tracks.isPending && tracks.error === null && chosen === undefined && (
        <div className={classes.nothing}>
          <Text c="dimmed">{model.name} has not predicted a video yet.</Text>
          <LinkButton variant="default" to="/projects/$projectId/predictions" params={{ projectId: project }}>
            Predict videos
          </LinkButton>
        </div>
      )}
      {chosen && (
        <div className={classes.grid}>
          <div className={`${classes.panel} ${classes.wide}`}>
            <List
              tracks={tracks.items}
              chosen={chosen.prediction_id}
              onChoose={(track) => void navigate({ search: (before) => ({ ...before, track }), replace: true })}
            />
          </div>
          <OneTrack key={chosen.prediction_id} project={project} track={chosen} />
        </div>
      )}
    </section>
  );
}

interface ListProps {
  tracks: readonly TrackFigures[];
  chosen: string;
  onChoose: (prediction: string) => void;
}

function List({ tracks, chosen, onChoose }: ListProps) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label="Measures by video">
        <thead>
          <tr>
            <th>Video</th>
            <th data-number>Frames</th>
            {NAMES.map((name) => (
              <th key={name} data-number title={MEASURES[name]?.note}>
                {MEASURES[name]?.label}: mean, 99th
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tracks.map((track) => (
            <tr key={track.prediction_id} data-selected={track.prediction_id === chosen || undefined}>
              <td>
                <button type="button" className={classes.pick} aria-pressed={track.prediction_id === chosen} onClick={() => onChoose(track.prediction_id)}>
                  {track.video_name}
                </button>
              </td>
              <td data-number>{count(track.frame_count)}</td>
              {NAMES.map((name) => (
                <td key={name} data-number title={track.missing[name]}>
                  {track.measures[name] ? `${decimal(track.measures[name].mean_px, 2)}, ${decimal(track.measures[name].p99_px, 1)}` : "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OneTrack({ project, track }: { project: string; track: TrackFigures }) {
  const reply = useTrack(project, track.prediction_id);
  const found = reply.data?.track;
  if (reply.error && !reply.data) return <ErrorState error={reply.error} onRetry={() => void reply.refetch()} />;
  if (!found) return <Skeleton height={300} className={classes.wide} />;
  return <Traces project={project} track={track} found={found} />;
}

interface TracesProps {
  project: string;
  track: TrackFigures;
  found: Track;
}

function Traces({ project, track, found }: TracesProps) {
  const navigate = useNavigate({ from: "/projects/$projectId/diagnostics" });
  const search = route.useSearch();
  const names = NAMES.filter((name) => found.measures[name] !== undefined);
  const name = names.find((one) => one === search.measure) ?? names[0] ?? "temporal_norm";
  const measure = found.measures[name];
  const series = useMemo(
    (): Series[] => [
      { label: "Highest point (px)", color: "--tb-plot-2", side: "left", digits: 1, values: measure?.trace.highest_px ?? [] },
      { label: "Mean over points (px)", color: "--tb-plot-1", side: "left", digits: 2, values: measure?.trace.mean_px ?? [] },
    ],
    [measure],
  );
  if (!measure) return null;
  return (
    <>
      <div className={classes.panel}>
        <div className={classes.bar}>
          <h3>{track.video_name}</h3>
          <SegmentedControl
            aria-label="Measure"
            value={name}
            data={names.map((one) => ({ value: one, label: MEASURES[one]?.label ?? one }))}
            onChange={(value) => void navigate({ search: (before) => ({ ...before, measure: value }), replace: true })}
          />
        </div>
        <Text size="xs" c="dimmed" mb={4}>
          {MEASURES[name]?.note}
        </Text>
        <Curve label={`${MEASURES[name]?.label ?? name} by frame`} xLabel="Frame" x={measure.trace.frame} series={series} height={220} />
        {Object.entries(found.missing).map(([absent, why]) => (
          <Text key={absent} size="xs" c="dimmed">
            No {MEASURES[absent]?.label ?? absent}: {why}
          </Text>
        ))}
        <Text size="xs" mt={4}>
          <button type="button" className={classes.link} onClick={() => saveFile(found.parquet_url, `${track.video_name} measures.parquet`)}>
            Download every frame as Parquet
          </button>
        </Text>
      </div>
      <div className={classes.panel}>
        <h3>Worst frames of the video</h3>
        <WorstFrames project={project} prediction={track.prediction_id} worst={measure.worst} />
      </div>
    </>
  );
}

interface WorstProps {
  project: string;
  prediction: string;
  worst: readonly { frame: number; error_px: number; keypoint: string }[];
}

function WorstFrames({ project, prediction, worst }: WorstProps) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label="Worst frames of the video">
        <thead>
          <tr>
            <th>Frame</th>
            <th>Keypoint</th>
            <th data-number>px</th>
          </tr>
        </thead>
        <tbody>
          {worst.map((one) => (
            <tr key={one.frame}>
              <td>
                <Link
                  to="/projects/$projectId/view/$predictionId"
                  params={{ projectId: project, predictionId: prediction }}
                  search={{ frame: one.frame }}
                  className={classes.link}
                >
                  #{one.frame}
                </Link>
              </td>
              <td>{one.keypoint}</td>
              <td data-number>{decimal(one.error_px, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
