import { useNavigate } from "@tanstack/react-router";

import type { Frame, FrameState } from "@/data/types";

export interface LabelSearch {
  frame?: string;
  state?: FrameState;
  video?: string;
}

/** Which frame is open lives in the address, so that it can be linked and the back button works. */
export function useQueueNavigation(projectId: string, search: LabelSearch, frames: readonly Frame[]) {
  const navigate = useNavigate();
  const found = frames.findIndex((frame) => frame.id === search.frame);
  const position = search.frame === undefined ? 0 : found;
  const to = (next: LabelSearch) => void navigate({ to: "/projects/$projectId/label", params: { projectId }, search: next, replace: true });
  const open = (id: string | null) => {
    if (id !== null && id !== search.frame) to({ ...search, frame: id });
  };
  return {
    frame: frames[position] ?? null,
    position: Math.max(0, position),
    open,
    filter: (state: FrameState | null) => to({ ...(search.video === undefined ? {} : { video: search.video }), ...(state === null ? {} : { state }) }),
    back: () => void navigate({ to: "/projects/$projectId/frames", params: { projectId } }),
    go: (where: "next" | "previous" | "nextTodo") => {
      const rest = where === "nextTodo" ? frames.findIndex((f, i) => i > position && f.state === "todo") : position + (where === "next" ? 1 : -1);
      open(frames[rest]?.id ?? null);
    },
  };
}
