import { useMemo, useRef, useState, useSyncExternalStore } from "react";

import { ACTIONS } from "@/actions/all";
import { absent, cleared, occluded } from "@/actions/changeState";
import { chosenFrom, strokeTable } from "@/core/keyMap";
import { colorAt } from "@/core/keypointNames";
import { pointKey, splitKey, type PointKey } from "@/core/labels";
import { lookFrom } from "@/core/look";
import { restoring } from "@/core/pose";
import { confirmOne } from "@/core/prelabels";
import { drawnSkeleton, type DrawnKeypoint } from "@/core/skeleton";
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
import { prelabelsOf } from "./prelabelsOf";
import { useContextOffset } from "./useContextOffset";
import { useFrameImage } from "./useFrameImage";
import { useFrameQueue } from "./useFrameQueue";
import { useKeys } from "./useKeys";
import { useLabelContext } from "./useLabelContext";
import { useNewPredictions } from "./useNewPredictions";
import { useOpenFrame } from "./useOpenFrame";
import { useQueueNavigation, type LabelSearch } from "./useQueueNavigation";
import { useStored } from "./useStored";

interface LabellerProps {
  projectId: string;
  user: string;
  search: LabelSearch;
  keypoints: readonly DrawnKeypoint[];
  edges: [string, string][];
  individuals: readonly Individual[];
  role: Role;
}

export function Labeller({ projectId, user, search, keypoints, edges, individuals, role }: LabellerProps) {
  const session = labelSession(user, projectId);
  const snapshot = useSyncExternalStore(session.subscribe, session.current);
  const queue = useFrameQueue(projectId, search);
  const takeNewPredictions = useNewPredictions(projectId, queue);
  const navigation = useQueueNavigation(projectId, search, queue.frames);
  const { frame, position } = navigation;
  const frameId = frame?.id ?? null;
  const [individual, setIndividual] = useState(individuals[0]?.id ?? "");
  const [panels, setPanels] = useState({ overlay: true, help: false, display: false, history: false });
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
  const predicted = useMemo(() => prelabelsOf(frame), [frame]);
  const readOnly = role === "viewer";
  const chooseKey = (key: PointKey) => {
    setIndividual(splitKey(key).individual);
    session.select(key);
  };

  const tellEffort = useOpenFrame({ session, frames: queue.frames, position, keys, predicted, through });
  const context = useLabelContext({
    session, snapshot, queue, navigation, keys, predicted, individual, individuals: animals, look, through, readOnly, canvas, neighbours, tellEffort,
    chooseIndividual: (id) => {
      setIndividual(id);
      session.select(keypoints[0] === undefined ? null : pointKey(id, keypoints[0].id));
    },
    setLook, setThrough, setPanels,
  });
  const table = useMemo(() => strokeTable(ACTIONS, chosen), [chosen]);
  useKeys(table, context, panels.help);

  const size = useMemo(
    () => ({ width: frame?.width ?? picture?.width ?? 1, height: frame?.height ?? picture?.height ?? 1 }),
    [frame?.width, frame?.height, picture],
  );
  return (
    <div className={classes.page}>
      <LabellerBar
        frame={frame}
        position={position}
        total={queue.frames.length}
        more={queue.hasMore}
        filter={search.state ?? null}
        snapshot={snapshot}
        through={through}
        context={context}
        onNewPredictions={takeNewPredictions}
        readOnly={readOnly}
        onFilter={navigation.filter}
        onBack={navigation.back}
      />
      <FrameQueue queue={queue} current={frameId} onOpen={navigation.open} />
      <section className={classes.stage} aria-label="Image">
        <LabelCanvas
          ref={canvas}
          session={session}
          frameId={frameId}
          picture={picture}
          size={size}
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
        <Notices snapshot={snapshot} note={frame?.note ?? null} keypoints={keypoints} problem={problem} queue={queue} onResolve={(keep) => session.resolve(keep)} onBack={navigation.back} />
        {frame !== null && <ContextStrip frame={frame} offset={neighbours.offset} playing={neighbours.playing} onChange={neighbours.setOffset} onPlay={neighbours.play} />}
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
        individual={individual}
        points={snapshot.points}
        predicted={predicted}
        sure={look.sure}
        selected={snapshot.selected}
        readOnly={readOnly}
        onSelect={session.choose}
        onOccluded={() => occluded.run(context, "O")}
        onAbsent={() => absent.run(context, "X")}
        onClear={() => cleared.run(context, "Delete")}
      >
        <AnimalPicker
          projectId={projectId}
          individuals={individuals}
          individual={individual}
          mayChange={role === "owner" || role === "editor"}
          onChoose={context.chooseIndividual}
        />
      </KeypointList>
      <KeySheet opened={panels.help} chosen={chosen} onChosen={setChosen} onClose={() => context.show("help", false)} />
    </div>
  );
}
