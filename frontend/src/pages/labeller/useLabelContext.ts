import type { Dispatch, RefObject, SetStateAction } from "react";

import type { LabelContext, Panel } from "@/actions/action";
import { imagePoint } from "@/core/geometry";
import { isPlaced, nextUnlabelled, place, pointKey, splitKey, type PointKey, type Points } from "@/core/labels";
import type { LabelSession, SessionSnapshot } from "@/core/labelSession";
import type { Look } from "@/core/look";
import { copyPose } from "@/core/pose";
import { pressEnter, type Prelabels } from "@/core/prelabels";

import type { CanvasHandle } from "./LabelCanvas";
import type { QueuedFrame } from "./queuedFrame";
import type { useContextOffset } from "./useContextOffset";
import type { FrameQueue } from "./useFrameQueue";
import type { useQueueNavigation } from "./useQueueNavigation";

/** The list of frames is told this much later: the next frame is painted first. */
const LIST_DELAY_MS = 60;

interface Options {
  session: LabelSession;
  snapshot: SessionSnapshot;
  queue: FrameQueue;
  navigation: ReturnType<typeof useQueueNavigation>;
  keys: readonly PointKey[];
  predicted: Prelabels;
  individual: string;
  individuals: readonly string[];
  look: Look;
  through: boolean;
  readOnly: boolean;
  /** A second rater's labels leave the state of frames alone. */
  own: boolean;
  mayReview: boolean;
  canvas: RefObject<CanvasHandle | null>;
  neighbours: ReturnType<typeof useContextOffset>;
  tellEffort: (predicted: Prelabels) => void;
  chooseIndividual: (id: string) => void;
  setLook: (look: Look) => void;
  setThrough: (through: boolean) => void;
  compare: () => void;
  setPanels: Dispatch<SetStateAction<Record<Panel, boolean>>>;
}

/** What the actions act on: the session, the queue and the canvas of this page. */
export function useLabelContext(o: Options): LabelContext {
  const { session, snapshot, navigation, keys, predicted, canvas } = o;
  const { points, selected } = snapshot;
  const apply: LabelContext["apply"] = (changes, label) => {
    if (!o.readOnly) session.apply(changes, label);
  };
  const advance: LabelContext["advance"] = (key, after) => {
    if (o.through) navigation.go("next");
    else session.select(nextUnlabelled(keys, after, key));
  };
  return {
    points, predicted, keys, selected, apply, advance,
    individual: o.individual,
    individuals: o.individuals,
    select: (key) => session.select(key),
    chooseIndividual: o.chooseIndividual,
    undo: () => navigation.open(session.undo()),
    redo: () => navigation.open(session.redo()),
    go: navigation.go,
    submit: () => {
      if (!o.readOnly) submit(o);
    },
    mayReview: o.mayReview,
    accept: () => {
      if (o.mayReview && !o.own) accept(o);
    },
    place: (at) => {
      const key = session.current().selected;
      if (key === null || o.readOnly) return;
      apply(place(key, at), "place");
      advance(key, session.current().points);
    },
    middle: () => canvas.current?.middle() ?? imagePoint(0, 0),
    copyPose: () => void copyFromBefore(o, apply),
    fit: () => canvas.current?.fit(),
    zoomToSelected: () => {
      const point = selected === null ? undefined : (points.get(selected) ?? predicted.points.get(selected));
      if (point?.x != null && point.y !== null) canvas.current?.zoomTo(imagePoint(point.x, point.y));
    },
    zoomBy: (factor) => canvas.current?.zoomBy(factor),
    panBy: (dx, dy) => canvas.current?.panBy(dx, dy),
    context: o.neighbours.step,
    play: o.neighbours.play,
    toggle: (what) => {
      if (what === "names" || what === "edges") o.setLook({ ...o.look, [what]: !o.look[what] });
      else if (what === "through") o.setThrough(!o.through);
      else if (what === "compare") o.compare();
      else o.setPanels((before) => ({ ...before, [what]: !before[what] }));
    },
    show: (what, on) => o.setPanels((before) => ({ ...before, [what]: on })),
  };
}

/** Sure predictions become labels, doubtful ones are visited in turn; then the frame is done, without waiting for anything. */
function submit(o: Options): void {
  const { session, snapshot, queue, navigation, keys, predicted, individuals, look, through, tellEffort, chooseIndividual } = o;
  const { frame } = navigation;
  if (frame === null || snapshot.loading || snapshot.conflicts.size > 0) return;
  if (through) {
    navigation.go("next");
    return;
  }
  const every = individuals.flatMap((individual) => keys.map((key) => pointKey(individual, splitKey(key).keypoint)));
  const { changes, visit } = pressEnter(predicted, snapshot.points, every, snapshot.selected, look.sure);
  session.apply(changes, "confirm predictions");
  if (visit !== null) {
    chooseIndividual(splitKey(visit).individual);
    session.select(visit);
    return;
  }
  tellEffort(predicted);
  // What was submitted or accepted before stays so; its changes are saved by themselves.
  if (!o.own && (frame.state === "todo" || frame.state === "draft")) {
    session.setFrameState(frame.id, "submitted");
    setTimeout(() => queue.change(frame.id, { state: "submitted", skipped: null }), LIST_DELAY_MS);
  }
  navigation.go("next");
}

/** Somebody's work is accepted with whatever the reviewer changed in it. */
function accept({ session, snapshot, queue, navigation }: Options): void {
  const { frame } = navigation;
  if (frame === null || snapshot.loading || snapshot.conflicts.size > 0 || frame.state === "todo") return;
  if (frame.state !== "accepted") {
    session.setFrameState(frame.id, "accepted");
    setTimeout(() => queue.change(frame.id, { state: "accepted", note: null }), LIST_DELAY_MS);
  }
  navigation.go("next");
}

/** The nearest labelled frame before this one, of the same video where there is one. */
function sourceOf({ session, queue, navigation }: Options): QueuedFrame | null {
  const { frame, position } = navigation;
  const before = queue.frames.slice(0, position).reverse();
  const labelled = before.filter((one) => [...(session.pointsOf(one.id)?.values() ?? [])].some(isPlaced) || one.labelled_points > 0);
  return labelled.find((one) => one.video?.id === frame?.video?.id) ?? labelled[0] ?? null;
}

async function copyFromBefore(o: Options, apply: LabelContext["apply"]): Promise<void> {
  const { session, navigation } = o;
  const source = sourceOf(o);
  if (source === null || navigation.frame === null) return;
  await session.prefetch(source.id);
  const from: Points | undefined = session.pointsOf(source.id);
  const here = session.pointsOf(navigation.frame.id);
  if (from !== undefined && here !== undefined && session.current().frameId === navigation.frame.id) {
    apply(copyPose(from, here, o.individual), "copy pose");
  }
}
