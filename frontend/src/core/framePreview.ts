/** Frames looked at before they are added: what is kept, and what may replace it. */
export interface FramePreview {
  kept: readonly number[];
  /** The best first. */
  spares: readonly number[];
}

const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b);

export const remove = (preview: FramePreview, index: number): FramePreview => ({
  ...preview,
  kept: preview.kept.filter((one) => one !== index),
});

/** The best spare takes the frame's place; without one, the frame stays. */
export function replace(preview: FramePreview, index: number): FramePreview {
  const [next, ...rest] = preview.spares;
  if (next === undefined || !preview.kept.includes(index)) return preview;
  return { kept: ascending([...preview.kept.filter((one) => one !== index), next]), spares: rest };
}
