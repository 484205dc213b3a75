import { useEffect, useRef, useState } from "react";

import { VideoClock } from "@/canvas/videoClock";
import { parseRate } from "@/core/frameClock";
import { useVideoProxy } from "@/data/videos";

import type { QueuedFrame } from "./queuedFrame";

/** The playable version of a frame's video. */
export interface Film {
  readonly url: string;
  readonly fps: string;
  readonly frameCount: number;
}

/** The film a frame is from, asked for only once somebody looks further than the images stored with the frame. */
export function useFilm(projectId: string, frame: QueuedFrame | null, wanted: boolean): Film | null {
  const video = frame?.video?.id ?? "";
  const proxy = useVideoProxy(projectId, video, wanted && video !== "").data;
  if (proxy?.url == null || proxy.fps == null || proxy.frame_count == null) return null;
  return { url: proxy.url, fps: proxy.fps, frameCount: proxy.frame_count };
}

/** The picture of one frame of a film, by its number; the one before stays until it is there. */
export function useFilmPicture(film: Film | null, index: number | null): ImageBitmap | null {
  const clock = useRef<VideoClock | null>(null);
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const { url, fps, frameCount } = film ?? { url: null, fps: "", frameCount: 0 };
  const looking = index !== null;
  useEffect(() => {
    if (url === null || !looking) return;
    let left = false;
    const show = (next: ImageBitmap | null) => setPicture((before) => (before?.close(), next));
    const made = new VideoClock(url, parseRate(fps), frameCount, {
      frame: (shown, video) => {
        // On its way the clock may pass other frames.
        if (shown !== made.frame) return;
        void createImageBitmap(video).then((next) => (left ? next.close() : show(next)));
      },
      playing: () => undefined,
      failed: () => undefined,
    });
    clock.current = made;
    return () => {
      left = true;
      made.destroy();
      clock.current = null;
      show(null);
    };
  }, [url, fps, frameCount, looking]);
  useEffect(() => {
    if (index !== null) clock.current?.seek(index);
  }, [index, url, looking]);
  return looking ? picture : null;
}
