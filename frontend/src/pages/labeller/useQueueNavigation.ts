import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";

import type { FrameState } from "@/data/types";

import type { QueuedFrame } from "./queuedFrame";

export interface LabelSearch {
  frame?: string;
  state?: FrameState;
  video?: string;
  /** The frames one was asked to label a second time, into labels of one's own. */
  own?: boolean;
}

/** The address follows this much later: changing it takes longer than painting the next frame may. */
const ADDRESS_DELAY_MS = 400;

/** Which frame is open. The address follows, so that it can be linked, and leads when it is changed from outside. */
export function useQueueNavigation(projectId: string, search: LabelSearch, frames: readonly QueuedFrame[]) {
  const navigate = useNavigate();
  const [frameId, setFrameId] = useState(search.frame ?? null);
  const [written, setWritten] = useState(search.frame);
  const [seen, setSeen] = useState(search.frame);
  if (search.frame !== seen) {
    setSeen(search.frame);
    if (search.frame !== undefined && search.frame !== written) setFrameId(search.frame);
  }
  const to = useCallback(
    (next: LabelSearch) => void navigate({ to: "/projects/$projectId/label", params: { projectId }, search: next, replace: true }),
    [navigate, projectId],
  );

  const { state, video, own } = search;
  useEffect(() => {
    if (frameId === null || frameId === seen) return;
    const timer = setTimeout(() => {
      setWritten(frameId);
      to({ frame: frameId, ...kept({ state, video, own }) });
    }, ADDRESS_DELAY_MS);
    return () => clearTimeout(timer);
  }, [frameId, seen, state, video, own, to]);

  const open = useCallback((id: string | null) => {
    if (id !== null) setFrameId(id);
  }, []);
  const found = frameId === null ? 0 : frames.findIndex((frame) => frame.id === frameId);
  const position = Math.max(0, found);
  const filter = useCallback(
    (next: FrameState | null) => {
      setFrameId(null);
      to(kept({ video, own, state: next ?? undefined }));
    },
    [to, video, own],
  );
  const chooseSet = useCallback((own: boolean) => to(own ? { own } : {}), [to]);
  const back = useCallback(() => void navigate({ to: "/projects/$projectId/frames", params: { projectId } }), [navigate, projectId]);
  return {
    frame: found < 0 ? null : (frames[found] ?? null),
    position,
    open,
    filter,
    chooseSet,
    back,
    go: (where: "next" | "previous" | "nextTodo") => {
      const rest = where === "nextTodo" ? frames.findIndex((f, i) => i > position && f.state === "todo" && f.skipped === null) : position + (where === "next" ? 1 : -1);
      open(frames[rest]?.id ?? null);
    },
  };
}

type Given = { readonly [name in keyof LabelSearch]: LabelSearch[name] | undefined };

/** What an address names: only what is set. */
const kept = ({ state, video, own }: Given): LabelSearch => ({
  ...(state === undefined ? {} : { state }),
  ...(video === undefined ? {} : { video }),
  ...(own === undefined ? {} : { own }),
});
