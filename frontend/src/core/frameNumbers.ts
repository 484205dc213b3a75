/** Frame numbers as people write them: "0, 120, 300-310". */
export interface FrameNumbers {
  indices: number[];
  error: string | null;
}

const MOST = 1000;

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
