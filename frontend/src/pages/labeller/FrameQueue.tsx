import { Skeleton, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";

import classes from "./labeller.module.css";
import type { QueuedFrame } from "./queuedFrame";
import type { FrameQueue as Queue } from "./useFrameQueue";

const ROW = 64;

export const STATE_NAMES: Record<QueuedFrame["state"], string> = {
  todo: "to do",
  draft: "started",
  submitted: "submitted",
  accepted: "accepted",
};

export const frameTitle = (frame: QueuedFrame): string =>
  frame.video === null ? (frame.source_path ?? "image") : `${frame.video.name} · ${frame.frame_index ?? "?"}`;

interface Props {
  queue: Queue;
  current: string | null;
  onOpen: (id: string) => void;
}

/** Only the rows in sight are drawn; with the queue unchanged nothing is rendered again. */
export const FrameQueue = memo(function FrameQueue({ queue, current, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { frames } = queue;
  const rows = useVirtualizer({
    count: frames.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
  });
  const index = frames.findIndex((frame) => frame.id === current);
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: "auto" });
  }, [index, rows]);

  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { loadMore } = queue;
  useEffect(() => {
    if (last >= frames.length - 20 || index >= frames.length - 30) loadMore();
  }, [last, index, frames.length, loadMore]);

  return (
    <nav ref={scroller} className={classes.queue} aria-label="Frames" tabIndex={-1} onMouseDown={(event) => event.preventDefault()}>
      {queue.isPending && Array.from({ length: 8 }, (_, i) => <Skeleton key={i} height={ROW - 8} m={4} />)}
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const frame = frames[item.index];
          return frame === undefined ? null : <Row key={frame.id} frame={frame} start={item.start} current={frame.id === current} onOpen={onOpen} />;
        })}
      </div>
    </nav>
  );
});

interface RowProps {
  frame: QueuedFrame;
  start: number;
  current: boolean;
  onOpen: (id: string) => void;
}

const Row = memo(function Row({ frame, start, current, onOpen }: RowProps) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className={classes.queueRow}
      aria-current={current}
      style={{ transform: `translateY(${start}px)`, height: ROW }}
      onClick={() => onOpen(frame.id)}
    >
      {frame.thumbnail_url === null ? <span className={classes.thumb} /> : <img src={frame.thumbnail_url} alt="" className={classes.thumb} />}
      <span className={classes.queueText}>
        <span className="truncate" title={frameTitle(frame)}>
          {frame.video?.name ?? frame.source_path ?? "image"}
        </span>
        <Text component="span" size="xs" c="dimmed" className={classes.queueState} data-state={frame.state}>
          {frame.skipped === null ? STATE_NAMES[frame.state] : "skipped"}
          {frame.frame_index !== null && ` · ${frame.frame_index}`}
          {frame.score !== null && <span title="Benefit expected of labelling this frame"> · {Math.round(frame.score * 100)}%</span>}
        </Text>
      </span>
    </button>
  );
});
