import { useCallback, useEffect, useState } from "react";

import { offsetsOf } from "./ContextStrip";
import type { QueuedFrame } from "./queuedFrame";

const PLAY_MS = 140;

/** Which neighbour in time is looked at, and playing them round and round. It belongs to the frame it was chosen on. */
export function useContextOffset(frame: QueuedFrame | null) {
  const [chosen, setChosen] = useState<{ frame: string | null; offset: number }>({ frame: null, offset: 0 });
  const [playing, setPlaying] = useState(false);
  const id = frame?.id ?? null;
  const offset = chosen.frame === id ? chosen.offset : 0;

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
    playing,
    setOffset,
    play: () => {
      if (playing) setOffset(0);
      else setPlaying(true);
    },
    step: (by: 1 | -1 | 0) => {
      const next = offset + by;
      if (frame !== null && (by === 0 || offsetsOf(frame).includes(next))) setOffset(by === 0 ? 0 : next);
    },
  };
}
