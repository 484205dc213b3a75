import { Skeleton, Tooltip, UnstyledButton } from "@mantine/core";
import { IconPlayerPlay, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";

import { Poster } from "@/components/Poster";
import { StateTag } from "@/components/StateTag";
import { count } from "@/core/format";
import type { PagedList } from "@/data/lists";
import type { Prediction, Video } from "@/data/types";

import classes from "./Matrix.module.css";

/** What predicts: a model, or an ensemble of several. */
export interface Maker {
  kind: "model" | "ensemble";
  id: string;
  name: string;
  note: string;
  /** Predictions made elsewhere come with their videos and run no others. */
  mayRun: boolean;
}

interface Props {
  project: string;
  videos: PagedList<Video>;
  makers: readonly Maker[];
  predictions: readonly Prediction[];
  pending: boolean;
  chosen?: ReadonlySet<string>;
  onChoose?: (cells: ReadonlySet<string>) => void;
}

const ROW = 48;
const cellKey = (maker: string, video: string) => `${maker}/${video}`;

/** Videos down, models and ensembles across; each cell tells its state and leads to the viewer. */
export function Matrix(props: Props) {
  const { project, videos, makers, predictions, pending, chosen, onChoose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const known = useMemo(() => new Map(predictions.map((one) => [cellKey((one.model ?? one.ensemble)?.id ?? "", one.video.id), one])), [predictions]);
  const virtual = useVirtualizer({
    count: videos.items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= videos.items.length - 20) videos.loadMore();
  }, [last, videos]);
  const grid = { gridTemplateColumns: `minmax(240px, 360px) repeat(${makers.length}, minmax(136px, 200px)) 1fr`, minWidth: 256 + 136 * makers.length };
  const runnable = (maker: string, video: string) => mayRun(known.get(cellKey(maker, video)));

  const toggleAll = (maker: string) => {
    const cells = videos.items.filter((video) => runnable(maker, video.id)).map((video) => cellKey(maker, video.id));
    onChoose?.(toggled(chosen ?? new Set(), cells));
  };
  return (
    <div className={classes.scroller} ref={scroller} role="table" aria-label="Predictions">
      <div className={classes.head} style={grid} role="row">
        <div role="columnheader" className={classes.cell}>
          Video
        </div>
        {makers.map((maker) => (
          <div key={maker.id} role="columnheader" className={classes.cell}>
            <MakerHead project={project} maker={maker} {...(onChoose && maker.mayRun ? { onAll: () => toggleAll(maker.id) } : {})} />
          </div>
        ))}
      </div>
      {pending && [0, 1, 2, 3].map((n) => <Skeleton key={n} height={14} m={17} width={`${40 - n * 5}%`} data-testid="skeleton" />)}
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {rows.map((item) => {
          const video = videos.items[item.index];
          if (!video) return null;
          return (
            <div key={video.id} role="row" className={classes.row} style={{ ...grid, height: ROW, transform: `translateY(${item.start}px)` }}>
              <div role="cell" className={classes.cell}>
                <VideoName video={video} />
              </div>
              {makers.map((maker) => {
                const key = cellKey(maker.id, video.id);
                return (
                  <div key={maker.id} role="cell" className={classes.cell}>
                    <Cell
                      project={project}
                      prediction={known.get(key)}
                      chosen={chosen?.has(key) ?? false}
                      {...(onChoose && maker.mayRun ? { onToggle: () => onChoose(toggled(chosen ?? new Set(), [key])) } : {})}
                      label={`${video.name} with ${maker.name}`}
                    />
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const mayRun = (prediction: Prediction | undefined) =>
  prediction === undefined || prediction.state === "failed" || prediction.state === "cancelled";

/** Removes the cells where all are chosen, else adds them. */
function toggled(chosen: ReadonlySet<string>, cells: string[]): ReadonlySet<string> {
  const next = new Set(chosen);
  if (cells.every((cell) => next.has(cell))) cells.forEach((cell) => next.delete(cell));
  else cells.forEach((cell) => next.add(cell));
  return next;
}

function MakerHead({ project, maker, onAll }: { project: string; maker: Maker; onAll?: () => void }) {
  const inside = (
    <span className="truncate" title={maker.name}>
      {maker.name}
    </span>
  );
  return (
    <div className={classes.model}>
      {maker.kind === "model" ? (
        <Link to="/projects/$projectId/models/$modelId" params={{ projectId: project, modelId: maker.id }} className="truncate">
          {inside}
        </Link>
      ) : (
        <Link to="/projects/$projectId/ensembles/$ensembleId" params={{ projectId: project, ensembleId: maker.id }} className="truncate">
          {inside}
        </Link>
      )}
      <span className={classes.quiet}>
        {maker.note}
        {onAll && (
          <UnstyledButton className={classes.all} onClick={onAll}>
            all
          </UnstyledButton>
        )}
      </span>
    </div>
  );
}

function VideoName({ video }: { video: Video }) {
  return (
    <div className={classes.video}>
      <Poster url={video.poster_url} width={48} height={30} />
      <span className="truncate" title={video.name}>
        {video.name}
      </span>
      <span className={classes.quiet}>{count(video.frame_count)}</span>
    </div>
  );
}

interface CellProps {
  project: string;
  prediction: Prediction | undefined;
  chosen: boolean;
  onToggle?: () => void;
  label: string;
}

function Cell({ project, prediction, chosen, onToggle, label }: CellProps) {
  if (prediction?.state === "ready") {
    return (
      <Link
        to="/projects/$projectId/view/$predictionId"
        params={{ projectId: project, predictionId: prediction.id }}
        className={classes.open}
        aria-label={`View ${label}`}
      >
        <IconPlayerPlay size={13} /> View
      </Link>
    );
  }
  if (!mayRun(prediction)) return <StateTag state={prediction?.state ?? "queued"} />;
  const again = prediction !== undefined && <StateTag state={prediction.state} />;
  if (!onToggle) return again || <span className={classes.quiet}>–</span>;
  return (
    <Tooltip label={chosen ? "Leave out" : prediction ? "Run again" : "Run"}>
      <UnstyledButton className={classes.run} data-chosen={chosen || undefined} onClick={onToggle} aria-pressed={chosen} aria-label={`Run ${label}`}>
        {again || <IconPlus size={14} />}
      </UnstyledButton>
    </Tooltip>
  );
}
