import { useCallback, useEffect, useRef } from "react";

import type { LabelContext } from "@/actions/action";

export type Act = (run: (context: LabelContext) => void) => void;

/** Does something with the page as it is then. The function itself never changes, so what holds it is not rendered again. */
export function useAct(context: LabelContext): Act {
  const latest = useRef(context);
  useEffect(() => {
    latest.current = context;
  });
  return useCallback((run) => run(latest.current), []);
}
