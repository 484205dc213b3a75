import { useEffect, useRef } from "react";

import type { LabelContext } from "@/actions/action";
import { runStroke } from "@/actions/all";
import { isTyping, strokeName } from "@/core/keys";

/** Runs the actions of key strokes, except while a text field or a dialog has them. */
export function useKeys(context: LabelContext, modalOpen: boolean): void {
  const latest = useRef({ context, modalOpen });
  useEffect(() => {
    latest.current = { context, modalOpen };
  });
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const stroke = strokeName(event);
      if (latest.current.modalOpen || isTyping(document.activeElement) || keepsForButtons(stroke)) return;
      if (runStroke(stroke, latest.current.context)) event.preventDefault();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, []);
}

/** Tab and Enter work as everywhere while a button has the focus. */
const keepsForButtons = (stroke: string): boolean =>
  ["Tab", "Shift+Tab", "Enter"].includes(stroke) && document.activeElement instanceof HTMLButtonElement;
