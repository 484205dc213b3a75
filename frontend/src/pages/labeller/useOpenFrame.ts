import { useEffect } from "react";

import { nextUnlabelled, type PointKey } from "@/core/labels";
import type { LabelSession } from "@/core/labelSession";
import type { Prelabels } from "@/core/prelabels";

import type { QueuedFrame } from "./queuedFrame";

import { useEffort } from "./useEffort";

const AHEAD = 20;
const BEHIND = 2;

interface Options {
  session: LabelSession;
  frames: readonly QueuedFrame[];
  position: number;
  keys: readonly PointKey[];
  predicted: Prelabels;
  through: boolean;
}

/** Opens the frame in the session, chooses where to begin, and fetches the labels around it; returns how its cost is told. */
export function useOpenFrame({ session, frames, position, keys, predicted, through }: Options): (predicted: Prelabels) => void {
  const frameId = frames[position]?.id ?? null;
  const tellEffort = useEffort(session, frameId);
  useEffect(() => {
    if (frameId === null) return;
    void session.open(frameId).then(() => {
      if (session.current().frameId === frameId && !through) session.select(first(keys, session, predicted));
    });
    // A new frame starts the choice of keypoints anew; other changes do not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [session, frameId]);
  useEffect(() => {
    const later = setTimeout(() => {
      for (const near of frames.slice(Math.max(0, position - BEHIND), position + AHEAD)) void session.prefetch(near.id);
    }, 80);
    return () => clearTimeout(later);
  }, [session, frames, position]);
  return tellEffort;
}

/** Predicted points are looked at as a whole first: what is chosen is the first one that has neither label nor prediction. */
function first(keys: readonly PointKey[], session: LabelSession, predicted: Prelabels): PointKey | null {
  const unpredicted = keys.filter((key) => !predicted.points.has(key));
  return nextUnlabelled(unpredicted, session.current().points, null);
}
