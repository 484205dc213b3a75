import { Alert, Button, Center, Loader, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";

import type { LabelContext } from "@/actions/action";
import { absent, cleared, occluded } from "@/actions/changeState";
import { imagePoint } from "@/core/geometry";
import { applyChanges, isPlaced, nextUnlabelled, place, pointKey, splitKey } from "@/core/labels";
import { drawnSkeleton } from "@/core/skeleton";
import { api, ok } from "@/data/client";
import { notifyProblem } from "@/data/notify";
import { useProject, useSkeleton } from "@/data/projects";

import { AdjustPanel } from "./AdjustPanel";
import { ContextStrip, stepOffset } from "./ContextStrip";
import { FrameQueue } from "./FrameQueue";
import { KeypointList } from "./KeypointList";
import { KeySheet } from "./KeySheet";
import { LabelCanvas, type CanvasHandle } from "./LabelCanvas";
import classes from "./labeller.module.css";
import { LabellerBar } from "./LabellerBar";
import { Notices } from "./Notices";
import { useFrameImage } from "./useFrameImage";
import { useFrameQueue } from "./useFrameQueue";
import { useKeys } from "./useKeys";
import { useLabelSession } from "./useLabelSession";
import { useQueueNavigation, type LabelSearch } from "./useQueueNavigation";

const useIndividuals = (projectId: string) =>
  useQuery({
    queryKey: ["p", projectId, "individuals"],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/individuals", { params: { path: { project_id: projectId } } })),
  });

const route = getRouteApi("/app/projects/$projectId/label");

export function LabellerPage() {
  const { projectId } = route.useParams();
  const search = route.useSearch();
  const skeleton = useSkeleton(projectId);
  const individuals = useIndividuals(projectId);
  const project = useProject(projectId);
  const problem = skeleton.error ?? individuals.error ?? project.error;
  if (problem !== null) return <Failed problem={problem} onRetry={() => void Promise.all([skeleton.refetch(), individuals.refetch(), project.refetch()])} />;
  if (!skeleton.data || !individuals.data || !project.data) {
    return (
      <Center h="100%">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  const keypoints = skeleton.data.keypoints.map(({ id, name, color }) => ({ id, name, color }));
  return (
    <Labeller
      key={projectId}
      projectId={projectId}
      search={search}
      keypoints={keypoints}
      edges={skeleton.data.edges}
      individuals={individuals.data.items}
      readOnly={project.data.role === "viewer"}
    />
  );
}

const submitted = (project_id: string, frame_id: string) =>
  ok(
    api.PATCH("/api/v1/projects/{project_id}/frames/{frame_id}", {
      params: { path: { project_id, frame_id } },
      body: { state: "submitted" },
    }),
  );

interface LabellerProps {
  projectId: string;
  search: LabelSearch;
  keypoints: { id: string; name: string; color: string }[];
  edges: [string, string][];
  individuals: { id: string; name: string }[];
  readOnly: boolean;
}

function Labeller({ projectId, search, keypoints, edges, individuals, readOnly }: LabellerProps) {
  const { session, snapshot } = useLabelSession(projectId);
  const queue = useFrameQueue(projectId, search);
  const navigation = useQueueNavigation(projectId, search, queue.frames);
  const { frame, position } = navigation;
  const [individual, setIndividual] = useState(individuals[0]?.id ?? "");
  const [offset, setOffset] = useState(0);
  const [show, setShow] = useState({ names: false, edges: true, overlay: true, help: false, adjust: false });
  const [adjustment, setAdjustment] = useState({ brightness: 1, contrast: 1 });
  const canvas = useRef<CanvasHandle>(null);
  const { image, problem } = useFrameImage(queue.frames, frame, offset);
  const skeleton = useMemo(() => drawnSkeleton(keypoints, edges), [keypoints, edges]);
  const keys = useMemo(() => keypoints.map((k) => pointKey(individual, k.id)), [keypoints, individual]);

  const frameId = frame?.id ?? null;
  useEffect(() => {
    if (frameId === null) return;
    void session.open(frameId).then(() => {
      session.select(nextUnlabelled(keys, session.current().points, null));
      const next = queue.frames[position + 1];
      if (next !== undefined) void session.prefetch(next.id);
    });
    // A new frame starts the choice of keypoints anew; other changes do not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [session, frameId]);

  // The neighbour that is looked at belongs to the frame it was chosen on.
  const [offsetFrame, setOffsetFrame] = useState(frameId);
  if (offsetFrame !== frameId) {
    setOffsetFrame(frameId);
    setOffset(0);
  }

  const submit = async () => {
    if (frame === null || readOnly) return;
    await session.flush();
    if (session.hasUnsaved()) {
      notifyProblem(new Error("The labels of this frame are not saved yet; it is submitted once they are."));
      return;
    }
    queue.setState(frame.id, "submitted");
    navigation.go("next");
    await submitted(projectId, frame.id).catch((error: unknown) => {
      queue.setState(frame.id, frame.state);
      notifyProblem(error);
    });
  };

  const context: LabelContext = {
    points: snapshot.points,
    keys,
    selected: snapshot.selected,
    individual,
    apply: (changes, label) => {
      if (!readOnly) session.apply(changes, label);
    },
    select: (key) => session.select(key),
    undo: () => navigation.open(session.undo()),
    redo: () => navigation.open(session.redo()),
    go: navigation.go,
    submit: () => void submit(),
    fit: () => canvas.current?.fit(),
    zoomToSelected: () => {
      const point = snapshot.selected === null ? undefined : snapshot.points.get(snapshot.selected);
      if (isPlaced(point)) canvas.current?.zoomTo(imagePoint(point.x, point.y));
    },
    context: (step) => {
      if (frame !== null) setOffset(stepOffset(frame, offset, step));
    },
    toggle: (what) => setShow((before) => ({ ...before, [what]: !before[what] })),
  };
  useKeys(context, show.help);

  const size = { width: frame?.width ?? image?.naturalWidth ?? 1, height: frame?.height ?? image?.naturalHeight ?? 1 };
  return (
    <div className={classes.page}>
      <LabellerBar
        frame={frame}
        position={position}
        total={queue.frames.length}
        more={queue.hasMore}
        filter={search.state ?? null}
        snapshot={snapshot}
        context={context}
        readOnly={readOnly}
        onFilter={navigation.filter}
        onBack={navigation.back}
      />
      <FrameQueue queue={queue} current={frameId} onOpen={navigation.open} />
      <main className={classes.stage}>
        <LabelCanvas
          ref={canvas}
          image={image}
          size={size}
          skeleton={skeleton}
          individuals={individuals.map((i) => i.id)}
          points={snapshot.points}
          selected={snapshot.selected}
          show={show}
          adjustment={adjustment}
          readOnly={readOnly || offset !== 0 || frame === null || snapshot.loading}
          base={() => session.base()}
          onPlace={(at) => {
            const key = snapshot.selected;
            if (key === null) return;
            const changes = place(key, at);
            session.apply(changes, "place");
            session.select(nextUnlabelled(keys, applyChanges(snapshot.points, changes), key));
          }}
          onSelect={(key) => {
            setIndividual(splitKey(key).individual);
            session.select(key);
          }}
          onDrag={(changes) => session.setPreview(changes)}
          onDrop={() => session.commitPreview("move")}
          onAbsent={(key) => {
            session.select(key);
            absent.run({ ...context, selected: key }, "X");
          }}
        />
        <Notices snapshot={snapshot} problem={problem} queue={queue} onResolve={(keep) => session.resolve(keep)} onBack={navigation.back} />
        {frame !== null && <ContextStrip frame={frame} offset={offset} onChange={setOffset} />}
        {show.adjust && <AdjustPanel value={adjustment} onChange={setAdjustment} />}
      </main>
      <KeypointList
        keypoints={keypoints}
        individuals={individuals}
        individual={individual}
        points={snapshot.points}
        selected={snapshot.selected}
        readOnly={readOnly}
        onIndividual={(id) => {
          setIndividual(id);
          session.select(keypoints[0] === undefined ? null : pointKey(id, keypoints[0].id));
        }}
        onSelect={(key) => session.select(key)}
        onOccluded={() => occluded.run(context, "O")}
        onAbsent={() => absent.run(context, "X")}
        onClear={() => cleared.run(context, "Delete")}
      />
      <KeySheet opened={show.help} onClose={() => context.toggle("help")} />
    </div>
  );
}

function Failed({ problem, onRetry }: { problem: Error; onRetry: () => void }) {
  return (
    <Center h="100%">
      <Alert color="orange" title="This project could not be opened">
        <Stack gap="xs" align="flex-start">
          {problem.message}
          <Button onClick={onRetry}>Try again</Button>
        </Stack>
      </Alert>
    </Center>
  );
}
