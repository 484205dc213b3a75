import { useEffect, useState, useSyncExternalStore } from "react";

import { LabelSession, type SessionSnapshot } from "@/core/labelSession";
import { labelTransport } from "@/data/labels";

/** One session a project; what waits is sent when the page is left, and the browser asks before it closes on unsaved labels. */
export function useLabelSession(projectId: string): { session: LabelSession; snapshot: SessionSnapshot } {
  const [session] = useState(() => new LabelSession(labelTransport(projectId)));
  useEffect(() => {
    const beforeUnload = (event: BeforeUnloadEvent) => {
      if (session.hasUnsaved()) event.preventDefault();
    };
    window.addEventListener("beforeunload", beforeUnload);
    return () => {
      window.removeEventListener("beforeunload", beforeUnload);
      void session.flush();
    };
  }, [session]);
  return { session, snapshot: useSyncExternalStore(session.subscribe, session.current) };
}
