import { Checkbox, Skeleton } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

import { ErrorState } from "@/components/ErrorState";
import { StateTag } from "@/components/StateTag";
import type { FrameFilter } from "@/data/frames";
import type { PagedList } from "@/data/lists";
import type { Frame } from "@/data/types";

import classes from "./FrameGrid.module.css";

interface Props {
  project: string;
  frames: PagedList<Frame>;
  filter: FrameFilter;
  empty: ReactNode;
  selected?: ReadonlySet<string>;
  onSelect?: (chosen: ReadonlySet<string>) => void;
}

const MIN_CARD = 208;
const GAP = 12;
const FOOT = 62;

/** Thumbnails in as many columns as fit; only the rows in sight are drawn. */
export function FrameGrid(props: Props) {
  const { frames, empty } = props;
  if (frames.error) return <ErrorState error={frames.error} onRetry={frames.retry} />;
  if (!frames.isPending && frames.items.length === 0) return empty;
  return <Grid {...props} />;
}

function Grid({ project, frames, filter, selected, onSelect }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: widthRef, width } = useElementSize();
  const columns = Math.max(1, Math.floor((width + GAP) / (MIN_CARD + GAP)));
  const cardWidth = (width - GAP * (columns - 1)) / columns;
  const rowHeight = Math.round(cardWidth * 0.72) + FOOT + GAP;
  const virtual = useVirtualizer({
    count: Math.ceil(frames.items.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 3,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const rows = virtual.getVirtualItems();
  const last = ((rows.at(-1)?.index ?? 0) + 1) * columns;
  useEffect(() => {
    if (last >= frames.items.length - columns * 3) frames.loadMore();
  }, [last, frames, columns]);
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect?.(next);
  };
  const template = { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap: GAP };
  return (
    <div ref={scroller} className={classes.scroller} data-selecting={(selected?.size ?? 0) > 0 || undefined}>
      <div ref={widthRef} style={{ height: Math.max(1, virtual.getTotalSize()), position: "relative" }}>
        {frames.isPending && (
          <div className={classes.row} style={template} data-testid="skeleton">
            {Array.from({ length: columns * 3 }, (_, n) => (
              <Skeleton key={n} height={Math.max(120, rowHeight - GAP)} />
            ))}
          </div>
        )}
        {width > 0 &&
          rows.map((row) => (
            <div key={row.key} className={classes.row} style={{ ...template, transform: `translateY(${row.start}px)` }}>
              {frames.items.slice(row.index * columns, (row.index + 1) * columns).map((frame) => (
                <Card
                  key={frame.id}
                  project={project}
                  frame={frame}
                  filter={filter}
                  pictureHeight={rowHeight - GAP - FOOT}
                  chosen={selected?.has(frame.id) ?? false}
                  {...(onSelect ? { onToggle: () => toggle(frame.id) } : {})}
                />
              ))}
            </div>
          ))}
      </div>
    </div>
  );
}

interface CardProps {
  project: string;
  frame: Frame;
  filter: FrameFilter;
  pictureHeight: number;
  chosen: boolean;
  onToggle?: () => void;
}

function Card({ project, frame, filter, pictureHeight, chosen, onToggle }: CardProps) {
  const name = frame.video?.name ?? frame.source_path ?? "image";
  const share = frame.total_points > 0 ? frame.labelled_points / frame.total_points : 0;
  return (
    <div className={classes.card} data-chosen={chosen || undefined}>
      <Link
        to="/projects/$projectId/label"
        params={{ projectId: project }}
        search={{ ...filter, frame: frame.id }}
        className={classes.link}
      >
        <div className={classes.picture} style={{ height: pictureHeight }}>
          {frame.thumbnail_url && <img src={frame.thumbnail_url} alt="" loading="lazy" decoding="async" />}
          <span className={classes.progress} style={{ transform: `scaleX(${share})` }} />
        </div>
        <div className={classes.foot}>
          <span className="truncate" title={name}>
            {name}
          </span>
          <span className={classes.line}>
            <StateTag state={frame.state} />
            <span className={classes.quiet}>
              {frame.frame_index !== null && `#${frame.frame_index} · `}
              {frame.labelled_points}/{frame.total_points}
            </span>
          </span>
        </div>
      </Link>
      {onToggle && <Checkbox className={classes.check} checked={chosen} onChange={onToggle} aria-label={`Select ${name} frame ${frame.frame_index ?? ""}`} />}
    </div>
  );
}
