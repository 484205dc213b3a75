import { ActionIcon, Slider, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { memo } from "react";

import classes from "./labeller.module.css";
import type { QueuedFrame } from "./queuedFrame";

interface Props {
  frame: QueuedFrame;
  offset: number;
  /** The first and last offset there is. */
  first: number;
  last: number;
  playing: boolean;
  onChange: (offset: number) => void;
  onPlay: () => void;
}

export const offsetsOf = (frame: QueuedFrame): number[] => [...new Set([0, ...frame.context.map((c) => c.offset)])].sort((a, b) => a - b);

const signed = (offset: number): string => (offset > 0 ? `+${offset}` : `−${-offset}`);

/** The frames just before and after: motion often tells what one image does not. */
export const ContextStrip = memo(function ContextStrip({ frame, offset, first, last, playing, onChange, onPlay }: Props) {
  const offsets = offsetsOf(frame);
  if (first === last) return null;
  return (
    <div className={classes.context} role="group" aria-label="Neighbouring frames" onMouseDown={(event) => event.preventDefault()}>
      <Tooltip label="Play the neighbouring frames (P)">
        <ActionIcon aria-label={playing ? "Stop playing" : "Play the neighbouring frames"} onClick={onPlay} size="sm">
          {playing ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
        </ActionIcon>
      </Tooltip>
      {offsets.map((one) => (
        <button
          key={one}
          type="button"
          className={classes.contextFrame}
          aria-pressed={one === offset}
          title={one === 0 ? "The frame to label" : `${Math.abs(one)} ${Math.abs(one) === 1 ? "frame" : "frames"} ${one < 0 ? "before" : "after"}`}
          onClick={() => onChange(one)}
        >
          <img src={(one === 0 ? (frame.thumbnail_url ?? frame.image_url) : frame.context.find((c) => c.offset === one)?.url) ?? ""} alt="" decoding="async" crossOrigin="anonymous" />
          <span>{one === 0 ? "frame" : signed(one)}</span>
        </button>
      ))}
      {(first < (offsets[0] ?? 0) || last > (offsets.at(-1) ?? 0)) && (
        <div className={classes.scrub}>
          <Slider thumbLabel="Frames before and after" size="xs" label={null} min={first} max={last} value={offset} onChange={onChange} />
          <output>{offset === 0 ? "frame" : signed(offset)}</output>
        </div>
      )}
    </div>
  );
});
