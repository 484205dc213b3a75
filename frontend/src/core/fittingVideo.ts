/** Guesses which video a file of predictions was made from, by their names. */

interface Named {
  readonly id: string;
  readonly name: string;
}

const stem = (name: string) => name.replace(/\.[^.]*$/, "").toLowerCase();

/** The video whose name, without its ending, the file's name holds; of several the longest. */
export function fittingVideo(file: string, videos: readonly Named[]): string | null {
  const fitting = videos.filter((video) => stem(file).includes(stem(video.name)));
  const longest = Math.max(...fitting.map((video) => stem(video.name).length));
  const best = fitting.filter((video) => stem(video.name).length === longest);
  return best.length === 1 ? (best[0]?.id ?? null) : null;
}
