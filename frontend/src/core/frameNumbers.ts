/** Frame numbers as people write them: "0, 120, 300-310". */
export interface FrameNumbers {
  indices: number[];
  error: string | null;
}

const MOST = 1000;

export interface FrameRanges {
  /** Each from (included) to (excluded). */
  ranges: [number, number][];
  error: string | null;
}

const MOST_RANGES = 50;

/** Parts of a video as people write them: "0-500, 900-1200", both ends included. */
export function parseRanges(text: string): FrameRanges {
  const ranges: [number, number][] = [];
  for (const piece of text.split(/[,;]+/).map((one) => one.trim()).filter((one) => one !== "")) {
    const match = /^(\d{1,9})\s*-\s*(\d{1,9})$/.exec(piece);
    if (match === null) return { ranges: [], error: `"${piece}" is no part of a video: write 0-500.` };
    const [first, last] = [Number(match[1]), Number(match[2])];
    if (last < first) return { ranges: [], error: `"${piece}" runs backwards.` };
    ranges.push([first, last + 1]);
  }
  return ranges.length > MOST_RANGES ? { ranges: [], error: `At most ${MOST_RANGES} parts.` } : { ranges, error: null };
}

export function parseIndices(text: string, frameCount: number | null): FrameNumbers {
  const found = new Set<number>();
  for (const piece of text.split(/[\s,;]+/).filter((one) => one !== "")) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(piece);
    if (match === null) return { indices: [], error: `"${piece}" is no frame number.` };
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) return { indices: [], error: `"${piece}" runs backwards.` };
    if (frameCount !== null && last >= frameCount) return { indices: [], error: `The last frame is ${frameCount - 1}.` };
    if (last - first + found.size >= MOST) return { indices: [], error: `At most ${MOST} frames at once.` };
    for (let index = first; index <= last; index += 1) found.add(index);
  }
  return { indices: [...found].sort((a, b) => a - b), error: null };
}
