import { useCallback, useEffect, useState } from "react";

import { offsetsOf } from "./ContextStrip";
import type { QueuedFrame } from "./queuedFrame";
import { useFilm, useFilmPicture } from "./useFilm";

const PLAY_MS = 140;

/** How far the film is looked at on either side. */
export const REACH = 150;

/** Whether an image of the frame's neighbourhood is stored with it, or is in the film. */
const isStored = (frame: QueuedFrame, offset: number): boolean => offsetsOf(frame).includes(offset);

/** The first and last offset that can be looked at; the end of the film is known once it is there. */
export function rangeOf(frame: QueuedFrame, frameCount: number | null): readonly [number, number] {
  const stored = offsetsOf(frame);
  if (frame.video === null || frame.frame_index === null) return [stored[0] ?? 0, stored.at(-1) ?? 0];
  const last = frameCount === null ? REACH : Math.min(REACH, frameCount - 1 - frame.frame_index);
  return [-Math.min(REACH, frame.frame_index), last];
}

/** Which neighbour in time is looked at, and playing them round and round. It belongs to the frame it was chosen on. */
export function useContextOffset(projectId: string, frame: QueuedFrame | null) {
  const [chosen, setChosen] = useState<{ frame: string | null; offset: number }>({ frame: null, offset: 0 });
  const [playing, setPlaying] = useState(false);
  const id = frame?.id ?? null;
  const offset = chosen.frame === id ? chosen.offset : 0;

  const far = frame !== null && !isStored(frame, offset);
  const film = useFilm(projectId, frame, far);
  const filmed = useFilmPicture(film, far && frame.frame_index !== null ? frame.frame_index + offset : null);
  const range = frame === null ? ([0, 0] as const) : rangeOf(frame, film?.frameCount ?? null);
  const setOffset = useCallback(
    (next: number) => {
      setPlaying(false);
      setChosen({ frame: id, offset: next });
    },
    [id],
  );
  useEffect(() => {
    if (!playing || frame === null) return;
    const offsets = offsetsOf(frame);
    const timer = setInterval(
      () =>
        setChosen((before) => {
          const at = before.frame === frame.id ? offsets.indexOf(before.offset) : 0;
          return { frame: frame.id, offset: offsets[(at + 1) % offsets.length] ?? 0 };
        }),
      PLAY_MS,
    );
    return () => clearInterval(timer);
  }, [playing, frame]);

  return {
    offset,
    /** From the film, where no image is stored. */
    filmed,
    range,
    playing,
    setOffset,
    play: () => {
      if (playing) setOffset(0);
      else setPlaying(true);
    },
    step: (by: 1 | -1 | 0) => {
      const next = offset + by;
      if (by === 0) setOffset(0);
      else if (frame !== null && next >= range[0] && next <= range[1]) setOffset(next);
    },
  };
}
