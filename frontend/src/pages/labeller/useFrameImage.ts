import { useEffect, useState } from "react";

import type { Frame } from "@/data/types";

import { ImageCache } from "./images";

const AHEAD = 5;
const BEHIND = 2;

interface Shown {
  image: HTMLImageElement | null;
  problem: string | null;
}

/** The image of a frame, or of its neighbour `offset` frames away; the frames around it are fetched ahead. */
export function useFrameImage(frames: readonly Frame[], frame: Frame | null, offset: number): Shown {
  const [cache] = useState(() => new ImageCache());
  const [loaded, setLoaded] = useState<{ url: string; image: HTMLImageElement | null; problem: string | null } | null>(null);
  const url = frame === null ? null : urlOf(frame, offset);

  useEffect(() => {
    if (url === null) return;
    let wanted = true;
    cache
      .get(url)
      .then((image) => wanted && setLoaded({ url, image, problem: null }))
      .catch(() => wanted && setLoaded({ url, image: null, problem: "The image of this frame could not be loaded." }));
    return () => {
      wanted = false;
    };
  }, [cache, url]);

  useEffect(() => {
    const index = frame === null ? -1 : frames.indexOf(frame);
    if (index < 0) return;
    for (const near of frames.slice(Math.max(0, index - BEHIND), index + AHEAD + 1)) {
      if (near.image_url !== null) cache.warm(near.image_url);
    }
  }, [cache, frames, frame]);

  return loaded !== null && loaded.url === url ? loaded : { image: null, problem: null };
}

const urlOf = (frame: Frame, offset: number): string | null =>
  offset === 0 ? frame.image_url : (frame.context.find((c) => c.offset === offset)?.url ?? null);
