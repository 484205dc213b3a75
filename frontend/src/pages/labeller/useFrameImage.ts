import { useEffect, useState } from "react";

import { Pictures } from "@/canvas/pictures";

import type { QueuedFrame } from "./queuedFrame";

const AHEAD = 5;
const BEHIND = 2;
/** Files are fetched this far ahead, to be there also when the network is not. */
const FETCH_AHEAD = 24;

interface Shown {
  picture: ImageBitmap | null;
  problem: string | null;
}

const PROBLEM = "The image of this frame could not be loaded.";

/** The picture of a frame, or of its neighbour `offset` frames away; those around it are decoded ahead. */
export function useFrameImage(frames: readonly QueuedFrame[], position: number, offset: number): Shown {
  const [pictures] = useState(() => new Pictures());
  const [loaded, setLoaded] = useState<{ url: string } & Shown>({ url: "", picture: null, problem: null });
  const frame = frames[position] ?? null;
  const url = frame === null ? null : urlOf(frame, offset);
  useEffect(() => () => pictures.destroy(), [pictures]);

  useEffect(() => {
    if (url === null || pictures.peek(url) !== null) return;
    let wanted = true;
    pictures.decoded(url).then(
      (picture) => wanted && setLoaded({ url, picture, problem: null }),
      () => wanted && setLoaded({ url, picture: null, problem: PROBLEM }),
    );
    return () => {
      wanted = false;
    };
  }, [pictures, url]);

  useEffect(() => {
    const current = frames[position];
    if (current === undefined) return;
    const around = [...frames.slice(position, position + AHEAD + 1), ...frames.slice(Math.max(0, position - BEHIND), position)];
    let left = false;
    // Decoding the next frames must not delay painting this one.
    const later = setTimeout(() => {
      const next = around.flatMap(({ image_url }) => (image_url === null ? [] : [pictures.decoded(image_url)]));
      // A slow line brings the next frames before anything else.
      void Promise.allSettled(next).then(() => {
        if (left) return;
        for (const { url: neighbour } of current.context) pictures.warm(neighbour);
        for (const far of frames.slice(position + AHEAD + 1, position + FETCH_AHEAD)) if (far.image_url !== null) pictures.warm(far.image_url);
      });
    }, 60);
    return () => {
      left = true;
      clearTimeout(later);
    };
  }, [pictures, frames, position]);

  if (url === null) return { picture: null, problem: null };
  const ready = pictures.peek(url);
  return ready !== null ? { picture: ready, problem: null } : loaded.url === url ? loaded : { picture: null, problem: null };
}

const urlOf = (frame: QueuedFrame, offset: number): string | null =>
  offset === 0 ? frame.image_url : (frame.context.find((c) => c.offset === offset)?.url ?? null);
