import { lazy, Suspense } from "react";

import type { LabelContext, Panel } from "@/actions/action";
import type { SessionSnapshot } from "@/core/labelSession";
import type { Look } from "@/core/look";
import { restoring } from "@/core/pose";
import { useChangeFrame, type FrameChange } from "@/data/frames";

import { DisplayPanel } from "./DisplayPanel";
import { HistoryPanel } from "./HistoryPanel";
import type { QueuedFrame } from "./queuedFrame";
import { ReasonPanel } from "./ReasonPanel";
import type { FrameQueue } from "./useFrameQueue";

/** Brings the library that draws curves, which labelling itself needs not wait for. */
const LearningPanel = lazy(async () => ({ default: (await import("./LearningPanel")).LearningPanel }));

const FAULTS = ["Left and right are exchanged.", "A point is off.", "Points are missing."];
const REASONS = ["It is blurred.", "The animal cannot be seen.", "It is much like another frame.", "I cannot tell."];

interface Props {
  projectId: string;
  open: Readonly<Record<Panel, boolean>>;
  frame: QueuedFrame | null;
  queue: FrameQueue;
  snapshot: SessionSnapshot;
  context: LabelContext;
  look: Look;
  readOnly: boolean;
  onLook: (look: Look) => void;
}

/** What is asked for by a key or a button and lies over the image. */
export function Panels({ projectId, open, frame, queue, snapshot, context, look, readOnly, onLook }: Props) {
  const changeFrame = useChangeFrame(projectId);
  const close = (panel: Panel) => () => context.show(panel, false);
  const decide = (panel: Panel, of: QueuedFrame, change: FrameChange) => {
    const before = { state: of.state, note: of.note, skipped: of.skipped };
    queue.change(of.id, change);
    changeFrame.mutate({ id: of.id, change }, { onError: () => queue.change(of.id, before) });
    context.show(panel, false);
    context.go("next");
  };
  return (
    <>
      {open.display && <DisplayPanel look={look} onChange={onLook} onClose={close("display")} />}
      {open.learning && (
        <Suspense>
          <LearningPanel projectId={projectId} onClose={close("learning")} />
        </Suspense>
      )}
      {open.history && frame !== null && (
        <HistoryPanel
          projectId={projectId}
          frameId={frame.id}
          version={snapshot.version}
          readOnly={readOnly}
          onRestore={(version, then) => context.apply(restoring(snapshot.points, then), `restore version ${version}`)}
          onClose={close("history")}
        />
      )}
      {open.return && frame !== null && (
        <ReasonPanel
          title="Return this frame"
          label="What should be done?"
          reasons={FAULTS}
          onReason={(note) => decide("return", frame, { state: "draft", note })}
          onClose={close("return")}
        />
      )}
      {open.skip && frame !== null && !readOnly && (
        <ReasonPanel
          title="Skip this frame"
          label="Why is it not labelled?"
          reasons={REASONS}
          onReason={(skipped) => decide("skip", frame, { skipped })}
          onClose={close("skip")}
        />
      )}
    </>
  );
}
