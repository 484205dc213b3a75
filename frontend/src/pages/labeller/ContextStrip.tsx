import { SegmentedControl } from "@mantine/core";

import type { Frame } from "@/data/types";

import classes from "./labeller.module.css";

interface Props {
  frame: Frame;
  offset: number;
  onChange: (offset: number) => void;
}

/** The frames just before and after: motion often tells what one image does not. */
export function ContextStrip({ frame, offset, onChange }: Props) {
  if (frame.context.length === 0) return null;
  const offsets = [0, ...frame.context.map((c) => c.offset)].sort((a, b) => a - b);
  return (
    <SegmentedControl
      className={classes.context}
      aria-label="Neighbouring frames"
      data={offsets.map((o) => ({ value: String(o), label: o === 0 ? "this frame" : o > 0 ? `+${o}` : String(o) }))}
      value={String(offset)}
      onChange={(value) => onChange(Number(value))}
    />
  );
}

/** The next offset in the direction of `step`, staying where there is no image. */
export function stepOffset(frame: Frame, offset: number, step: 1 | -1 | 0): number {
  if (step === 0) return 0;
  const next = offset + step;
  return next === 0 || frame.context.some((c) => c.offset === next) ? next : offset;
}
