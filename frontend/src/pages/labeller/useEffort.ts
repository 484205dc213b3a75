import { useCallback, useEffect, useRef } from "react";

import { addEffort, correction, Stopwatch } from "@/core/effort";
import type { LabelSession } from "@/core/labelSession";
import type { Prelabels } from "@/core/prelabels";

/** Times the work on the open frame. The returned function tells the session what it cost, before it is submitted. */
export function useEffort(session: LabelSession, frameId: string | null): (predicted: Prelabels) => void {
  const watch = useRef<Stopwatch | null>(null);
  useEffect(() => {
    const clicked = () => watch.current?.act(Date.now(), 1);
    const moved = () => watch.current?.act(Date.now(), 0);
    const typed = (event: KeyboardEvent) => watch.current?.act(Date.now(), event.repeat ? 0 : 1);
    window.addEventListener("pointerdown", clicked, true);
    window.addEventListener("pointermove", moved, true);
    window.addEventListener("keydown", typed, true);
    return () => {
      window.removeEventListener("pointerdown", clicked, true);
      window.removeEventListener("pointermove", moved, true);
      window.removeEventListener("keydown", typed, true);
    };
  }, []);
  useEffect(() => {
    watch.current = new Stopwatch(Date.now());
    return () => {
      if (frameId !== null && watch.current !== null) session.addEffort(frameId, watch.current.take(Date.now()));
    };
  }, [session, frameId]);
  return useCallback(
    (predicted: Prelabels) => {
      const points = frameId === null ? undefined : session.pointsOf(frameId);
      if (frameId === null || points === undefined || watch.current === null) return;
      session.addEffort(frameId, addEffort(watch.current.take(Date.now()), correction(predicted, points)));
    },
    [session, frameId],
  );
}
