import { useEffect, useRef } from "react";

import { isTyping, strokeName } from "@/core/keys";

import type { PlayerHandle } from "./PlayerCanvas";

const FRAMES: Readonly<Record<string, number>> = {
  ",": -1,
  ".": 1,
  ArrowLeft: -1,
  ArrowRight: 1,
  "Shift+ArrowLeft": -10,
  "Shift+ArrowRight": 10,
};

/** Space plays, comma and full stop step, Shift with the arrows goes by ten, 0 shows the whole picture. */
export function useViewerKeys(player: () => PlayerHandle | null, frameCount: number): void {
  const latest = useRef({ player, frameCount });
  useEffect(() => {
    latest.current = { player, frameCount };
  });
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const target = document.activeElement;
      const handle = latest.current.player();
      // Sliders and buttons keep the keys they understand themselves.
      if (handle === null || isTyping(target) || target?.getAttribute("role") === "slider") return;
      const stroke = strokeName(event);
      const step = FRAMES[stroke];
      if (step !== undefined) handle.step(step);
      else if (stroke === "Space" && !(target instanceof HTMLButtonElement)) handle.toggle();
      else if (stroke === "Home") handle.seek(0);
      else if (stroke === "End") handle.seek(latest.current.frameCount - 1);
      else if (stroke === "0") handle.fit();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, []);
}
