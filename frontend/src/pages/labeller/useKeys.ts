import { useEffect, useRef } from "react";

import type { LabelAction, LabelContext } from "@/actions/action";
import { isTyping, strokeName } from "@/core/keys";

/** Runs the actions of key strokes, except while a text field or a dialog has them. */
export function useKeys(table: ReadonlyMap<string, LabelAction>, context: LabelContext, modalOpen: boolean): void {
  const latest = useRef({ table, context, modalOpen });
  useEffect(() => {
    latest.current = { table, context, modalOpen };
  });
  useEffect(() => {
    /** By the key's place on the keyboard: modifiers may be let go first. */
    const held = new Map<string, LabelAction>();
    const down = (event: KeyboardEvent) => {
      const now = latest.current;
      const stroke = strokeName(event);
      if (now.modalOpen || isTyping(document.activeElement) || keepsForControls(stroke)) return;
      const action = now.table.get(stroke);
      if (action === undefined) return;
      event.preventDefault();
      if (action.release !== undefined) {
        if (event.repeat) return;
        held.set(event.code, action);
      }
      action.run(now.context, stroke);
    };
    const up = (event: KeyboardEvent) => {
      held.get(event.code)?.release?.(latest.current.context);
      held.delete(event.code);
    };
    const letGo = () => {
      for (const action of held.values()) action.release?.(latest.current.context);
      held.clear();
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", letGo);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", letGo);
    };
  }, []);
}

/** Tab, Enter and arrows work as everywhere while a control has the focus. */
function keepsForControls(stroke: string): boolean {
  const focus = document.activeElement;
  if (!(focus instanceof HTMLElement) || focus.dataset.canvas !== undefined) return false;
  if (["Tab", "Shift+Tab", "Enter", "Space"].includes(stroke)) return focus instanceof HTMLButtonElement || focus.getAttribute("role") === "slider";
  return stroke.includes("Arrow") && focus.getAttribute("role") === "slider";
}
