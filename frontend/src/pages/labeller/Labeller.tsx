import { memo, useCallback, useDeferredValue, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { ACTIONS } from "@/actions/all";
import { absent } from "@/actions/changeState";
import { chosenFrom, strokeTable } from "@/core/keyMap";
import { colorAt } from "@/core/keypointNames";
import { pointKey, splitKey, type PointKey } from "@/core/labels";
import { lookFrom } from "@/core/look";
import { confirmOne, NO_PRELABELS, unpacked } from "@/core/prelabels";
import { drawnSkeleton, type DrawnKeypoint } from "@/core/skeleton";
import type { Individual } from "@/data/individuals";
import { labelSession } from "@/data/labelSessions";
import { useProgress } from "@/data/review";
import type { Role } from "@/data/types";

import { AnimalPicker } from "./AnimalPicker";
import { ContextStrip } from "./ContextStrip";
import { FrameQueue } from "./FrameQueue";
import { KeypointList } from "./KeypointList";
import { KeySheet } from "./KeySheet";
import { LabelCanvas, type CanvasHandle } from "./LabelCanvas";
import classes from "./labeller.module.css";
import { LabellerBar } from "./LabellerBar";
import { Notices } from "./Notices";
import { Panels } from "./Panels";
import { ReviewBar } from "./ReviewBar";
import { useAct } from "./useAct";
import { useContextOffset } from "./useContextOffset";
import { useFrameImage } from "./useFrameImage";
import { useFrameQueue } from "./useFrameQueue";
import { useKeys } from "./useKeys";
import { useLabelContext } from "./useLabelContext";
import { useNewPredictions } from "./useNewPredictions";
import { useOpenFrame } from "./useOpenFrame";
import { useSecondOpinion } from "./useSecondOpinion";
import { useQueueNavigation, type LabelSearch } from "./useQueueNavigation";
import { useStored } from "./useStored";

const REVIEWERS: readonly Role[] = ["owner", "editor", "reviewer"];
const CLOSED = { overlay: true, help: false, display: false, history: false, learning: false, return: false, skip: false };

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
  const own = search.own === true;
  const session = labelSession(user, projectId, own);
  const snapshot = useSyncExternalStore(session.subscribe, session.current);
  const queue = useFrameQueue(projectId, search, keypoints.length * individuals.length);
  const takeNewPredictions = useNewPredictions(projectId, queue);
  const navigation = useQueueNavigation(projectId, search, queue.frames);
  const { frame, position } = navigation;
  const frameId = frame?.id ?? null;
  const [individual, setIndividual] = useState(individuals[0]?.id ?? "");
  const [panels, setPanels] = useState(CLOSED);
  const [through, setThrough] = useState(false);
  const [look, setLook] = useStored("tailbase.label.look", lookFrom);
  const [chosen, setChosen] = useStored("tailbase.label.keys", chosenFrom);
  const neighbours = useContextOffset(projectId, frame);
  const { picture: stored, problem } = useFrameImage(queue.frames, position, neighbours.offset);
  const picture = stored ?? neighbours.filmed;
  const canvas = useRef<CanvasHandle>(null);
  const skeleton = useMemo(() => drawnSkeleton(keypoints, edges), [keypoints, edges]);
  const keys = useMemo(() => keypoints.map((k) => pointKey(individual, k.id)), [keypoints, individual]);
  const animals = useMemo(() => individuals.map((one) => one.id), [individuals]);
  const animalColors = useMemo(() => individuals.map((_, index) => colorAt(index)), [individuals]);
  const predicted = useMemo(() => (own ? NO_PRELABELS : unpacked(frame?.prelabel ?? null)), [own, frame?.prelabel]);
  const readOnly = role === "viewer";
  const mayReview = REVIEWERS.includes(role) && !own;
  const [comparing, setComparing] = useState(false);
  const second = useSecondOpinion(projectId, frame, snapshot.points, comparing && mayReview);
  const chooseKey = (key: PointKey) => {
    setIndividual(splitKey(key).individual);
    session.select(key);
  };

  const twice = useProgress(projectId).data?.find((person) => person.user_id === user)?.second ?? 0;
  const tellEffort = useOpenFrame({ session, frames: queue.frames, position, keys, predicted, through });
  const context = useLabelContext({
    session, snapshot, queue, navigation, keys, predicted, individual, individuals: animals, look, through, readOnly, own, mayReview, canvas, neighbours, tellEffort,
    chooseIndividual: (id) => {
      setIndividual(id);
      session.select(keypoints[0] === undefined ? null : pointKey(id, keypoints[0].id));
    },
    setLook, setThrough, setPanels,
    compare: () => setComparing(!comparing),
  });
  const table = useMemo(() => strokeTable(ACTIONS, chosen), [chosen]);
  useKeys(table, context, panels.help);
  const act = useAct(context);
  const choose = useCallback((id: string) => act((c) => c.chooseIndividual(id)), [act]);
  const closeKeys = useCallback(() => act((c) => c.show("help", false)), [act]);
  const play = useCallback(() => act((c) => c.play()), [act]);
  const resolve = useCallback((keep: "mine" | "theirs") => session.resolve(keep), [session]);
  // The image and its points are painted first; what stands around them follows.
  const around = useDeferredValue(useMemo(() => ({ frame, position, snapshot, predicted, individual, second }), [frame, position, snapshot, predicted, individual, second]));
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
        session={session}
        undoLabel={around.snapshot.undoLabel}
        redoLabel={around.snapshot.redoLabel}
        through={through}
        act={act}
        onNewPredictions={takeNewPredictions}
        own={own}
        secondTime={own || twice > 0}
        onSet={navigation.chooseSet}
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
          second={second?.points ?? null}
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
        <Notices snapshot={around.snapshot} frame={around.frame} keypoints={keypoints} problem={problem} queue={queue} onResolve={resolve} onBack={navigation.back} />
        {frame !== null && <ContextStrip frame={frame} offset={neighbours.offset} first={neighbours.range[0]} last={neighbours.range[1]} playing={neighbours.playing} onChange={neighbours.setOffset} onPlay={play} />}
        {mayReview && around.frame !== null && (around.frame.state === "submitted" || around.frame.second_rater !== null) && <ReviewBar act={act} submitted={around.frame.state === "submitted"} twice={around.frame.second_rater !== null} comparing={comparing} />}
        <Panels projectId={projectId} open={panels} frame={frame} queue={queue} snapshot={snapshot} context={context} look={look} readOnly={readOnly} onLook={setLook} />
      </section>
      <KeypointList
        keypoints={keypoints}
        individual={around.individual}
        points={around.snapshot.points}
        predicted={around.predicted}
        sure={look.sure}
        apart={around.second?.apart ?? null}
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
