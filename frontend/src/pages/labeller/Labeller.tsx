import { lazy, memo, Suspense, useCallback, useDeferredValue, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { ACTIONS } from "@/actions/all";
import { absent } from "@/actions/changeState";
import { chosenFrom, strokeTable } from "@/core/keyMap";
import { colorAt } from "@/core/keypointNames";
import { pointKey, splitKey, type PointKey } from "@/core/labels";
import { lookFrom } from "@/core/look";
import { restoring } from "@/core/pose";
import { confirmOne, unpacked } from "@/core/prelabels";
import { drawnSkeleton, type DrawnKeypoint } from "@/core/skeleton";
import { useChangeFrame } from "@/data/frames";
import type { Individual } from "@/data/individuals";
import { labelSession } from "@/data/labelSessions";
import type { Role } from "@/data/types";

import { AnimalPicker } from "./AnimalPicker";
import { ContextStrip } from "./ContextStrip";
import { DisplayPanel } from "./DisplayPanel";
import { FrameQueue } from "./FrameQueue";
import { HistoryPanel } from "./HistoryPanel";
import { KeypointList } from "./KeypointList";
import { KeySheet } from "./KeySheet";
import { LabelCanvas, type CanvasHandle } from "./LabelCanvas";
import classes from "./labeller.module.css";
import { LabellerBar } from "./LabellerBar";
import { Notices } from "./Notices";
import { ReasonPanel } from "./ReasonPanel";
import { ReviewBar } from "./ReviewBar";
import { useAct } from "./useAct";
import { useContextOffset } from "./useContextOffset";
import { useFrameImage } from "./useFrameImage";
import { useFrameQueue } from "./useFrameQueue";
import { useKeys } from "./useKeys";
import { useLabelContext } from "./useLabelContext";
import { useNewPredictions } from "./useNewPredictions";
import { useOpenFrame } from "./useOpenFrame";
import { useQueueNavigation, type LabelSearch } from "./useQueueNavigation";
import { useStored } from "./useStored";

/** Brings the library that draws curves, which labelling itself needs not wait for. */
const LearningPanel = lazy(async () => ({ default: (await import("./LearningPanel")).LearningPanel }));

const REVIEWERS: readonly Role[] = ["owner", "editor", "reviewer"];
const FAULTS = ["Left and right are exchanged.", "A point is off.", "Points are missing."];

interface LabellerProps {
  projectId: string;
  user: string;
  search: LabelSearch;
  keypoints: readonly DrawnKeypoint[];
  edges: [string, string][];
  individuals: readonly Individual[];
  role: Role;
}

export const Labeller = memo(function Labeller({ projectId, user, search, keypoints, edges, individuals, role }: LabellerProps) {
  const session = labelSession(user, projectId);
  const snapshot = useSyncExternalStore(session.subscribe, session.current);
  const queue = useFrameQueue(projectId, search, keypoints.length * individuals.length);
  const takeNewPredictions = useNewPredictions(projectId, queue);
  const navigation = useQueueNavigation(projectId, search, queue.frames);
  const { frame, position } = navigation;
  const frameId = frame?.id ?? null;
  const [individual, setIndividual] = useState(individuals[0]?.id ?? "");
  const [panels, setPanels] = useState({ overlay: true, help: false, display: false, history: false, learning: false, return: false });
  const [through, setThrough] = useState(false);
  const [look, setLook] = useStored("tailbase.label.look", lookFrom);
  const [chosen, setChosen] = useStored("tailbase.label.keys", chosenFrom);
  const neighbours = useContextOffset(frame);
  const { picture, problem } = useFrameImage(queue.frames, position, neighbours.offset);
  const canvas = useRef<CanvasHandle>(null);
  const skeleton = useMemo(() => drawnSkeleton(keypoints, edges), [keypoints, edges]);
  const keys = useMemo(() => keypoints.map((k) => pointKey(individual, k.id)), [keypoints, individual]);
  const animals = useMemo(() => individuals.map((one) => one.id), [individuals]);
  const animalColors = useMemo(() => individuals.map((_, index) => colorAt(index)), [individuals]);
  const predicted = useMemo(() => unpacked(frame?.prelabel ?? null), [frame?.prelabel]);
  const readOnly = role === "viewer";
  const mayReview = REVIEWERS.includes(role);
  const changeFrame = useChangeFrame(projectId);
  const chooseKey = (key: PointKey) => {
    setIndividual(splitKey(key).individual);
    session.select(key);
  };

  const tellEffort = useOpenFrame({ session, frames: queue.frames, position, keys, predicted, through });
  const context = useLabelContext({
    session, snapshot, queue, navigation, keys, predicted, individual, individuals: animals, look, through, readOnly, mayReview, canvas, neighbours, tellEffort,
    chooseIndividual: (id) => {
      setIndividual(id);
      session.select(keypoints[0] === undefined ? null : pointKey(id, keypoints[0].id));
    },
    setLook, setThrough, setPanels,
  });
  const table = useMemo(() => strokeTable(ACTIONS, chosen), [chosen]);
  useKeys(table, context, panels.help);
  const act = useAct(context);
  const choose = useCallback((id: string) => act((c) => c.chooseIndividual(id)), [act]);
  const closeKeys = useCallback(() => act((c) => c.show("help", false)), [act]);
  const play = useCallback(() => act((c) => c.play()), [act]);
  const resolve = useCallback((keep: "mine" | "theirs") => session.resolve(keep), [session]);
  // The image and its points are painted first; what stands around them follows.
  const around = useDeferredValue(useMemo(() => ({ frame, position, snapshot, predicted, individual }), [frame, position, snapshot, predicted, individual]));
  const mayChange = role === "owner" || role === "editor";
  const picker = useMemo(
    () => <AnimalPicker projectId={projectId} individuals={individuals} individual={around.individual} mayChange={mayChange} onChoose={choose} />,
    [projectId, individuals, around.individual, mayChange, choose],
  );

  const size = useMemo(
    () => ({ width: frame?.width ?? picture?.width ?? 1, height: frame?.height ?? picture?.height ?? 1 }),
    [frame?.width, frame?.height, picture],
  );
  return (
    <div className={classes.page}>
      <LabellerBar
        frame={around.frame}
        position={around.position}
        total={queue.frames.length}
        more={queue.hasMore}
        filter={search.state ?? null}
        snapshot={around.snapshot}
        through={through}
        act={act}
        onNewPredictions={takeNewPredictions}
        readOnly={readOnly}
        onFilter={navigation.filter}
        onBack={navigation.back}
      />
      <FrameQueue queue={queue} current={around.frame?.id ?? null} onOpen={navigation.open} />
      <section className={classes.stage} aria-label="Image">
        <LabelCanvas
          ref={canvas}
          session={session}
          frameId={frameId}
          picture={picture}
          size={size}
          crop={frame?.video?.crop ?? null}
          skeleton={skeleton}
          individuals={animals}
          individualColors={animalColors}
          predicted={predicted}
          look={look}
          overlay={panels.overlay}
          readOnly={readOnly || neighbours.offset !== 0 || neighbours.playing || frame === null || snapshot.loading}
          onPlace={context.place}
          onSelect={chooseKey}
          onConfirm={(key) => context.apply(confirmOne(predicted, snapshot.points, key), "confirm prediction")}
          onAbsent={(key) => {
            chooseKey(key);
            absent.run({ ...context, selected: key }, "X");
          }}
        />
        <Notices snapshot={around.snapshot} note={around.frame?.note ?? null} keypoints={keypoints} problem={problem} queue={queue} onResolve={resolve} onBack={navigation.back} />
        {frame !== null && <ContextStrip frame={frame} offset={neighbours.offset} playing={neighbours.playing} onChange={neighbours.setOffset} onPlay={play} />}
        {mayReview && around.frame?.state === "submitted" && <ReviewBar act={act} />}
        {panels.learning && (
          <Suspense>
            <LearningPanel projectId={projectId} onClose={() => context.show("learning", false)} />
          </Suspense>
        )}
        {panels.return && frame !== null && (
          <ReasonPanel
            title="Return this frame"
            label="What should be done?"
            reasons={FAULTS}
            onReason={(note) => {
              const change = { state: "draft", note } as const;
              queue.change(frame.id, change);
              changeFrame.mutate({ id: frame.id, change });
              context.show("return", false);
              context.go("next");
            }}
            onClose={() => context.show("return", false)}
          />
        )}
        {panels.display && <DisplayPanel look={look} onChange={setLook} onClose={() => context.show("display", false)} />}
        {panels.history && frameId !== null && (
          <HistoryPanel
            projectId={projectId}
            frameId={frameId}
            version={snapshot.version}
            readOnly={readOnly}
            onRestore={(version, then) => context.apply(restoring(snapshot.points, then), `restore version ${version}`)}
            onClose={() => context.show("history", false)}
          />
        )}
      </section>
      <KeypointList
        keypoints={keypoints}
        individual={around.individual}
        points={around.snapshot.points}
        predicted={around.predicted}
        sure={look.sure}
        selected={around.snapshot.selected}
        readOnly={readOnly}
        onSelect={session.choose}
        act={act}
      >
        {picker}
      </KeypointList>
      <KeySheet opened={panels.help} chosen={chosen} onChosen={setChosen} onClose={closeKeys} />
    </div>
  );
});
