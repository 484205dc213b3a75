import { Skeleton, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import type { Frame } from "@/data/types";

import classes from "./labeller.module.css";
import type { FrameQueue as Queue } from "./useFrameQueue";

const ROW = 64;

export const STATE_NAMES: Record<Frame["state"], string> = {
  todo: "to do",
  draft: "started",
  submitted: "submitted",
  accepted: "accepted",
};

export const frameTitle = (frame: Frame): string =>
  frame.video === null ? (frame.source_path ?? "image") : `${frame.video.name} · ${frame.frame_index ?? "?"}`;

export function FrameQueue({ queue, current, onOpen }: { queue: Queue; current: string | null; onOpen: (id: string) => void }) {
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
    if (last >= frames.length - 20) loadMore();
  }, [last, frames.length, loadMore]);

  return (
    <nav ref={scroller} className={classes.queue} aria-label="Frames">
      {queue.isPending && Array.from({ length: 8 }, (_, i) => <Skeleton key={i} height={ROW - 8} m={4} />)}
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const frame = frames[item.index];
          return frame === undefined ? null : (
            <button
              key={frame.id}
              type="button"
              tabIndex={-1}
              className={classes.queueRow}
              aria-current={frame.id === current}
              style={{ transform: `translateY(${item.start}px)`, height: ROW }}
              onClick={() => onOpen(frame.id)}
            >
              {frame.thumbnail_url === null ? <span className={classes.thumb} /> : <img src={frame.thumbnail_url} alt="" className={classes.thumb} />}
              <span className={classes.queueText}>
                <span className="truncate">{frameTitle(frame)}</span>
                <Text component="span" size="xs" c="dimmed" className={classes.queueState} data-state={frame.state}>
                  {STATE_NAMES[frame.state]}
                </Text>
              </span>
            </button>
          );
        })}
      </div>
    </nav>
  );
}
