import { ActionIcon, Alert, Button, Center, Loader, Stack, Text, Tooltip } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Heatmap } from "@/canvas/heatmap";
import { JobProgress } from "@/components/JobProgress";
import { parseRate } from "@/core/frameClock";
import { aboutBands } from "@/core/intervals";
import { drawnSkeleton } from "@/core/skeleton";
import { useSkeleton } from "@/data/projects";
import type { Prediction, Skeleton, Video } from "@/data/types";

import { CompareList } from "./CompareList";
import { Downloads } from "./Downloads";
import { HeatmapPanel } from "./HeatmapPanel";
import { LikelihoodList } from "./LikelihoodList";
import { PlayerCanvas, type PlayerHandle } from "./PlayerCanvas";
import { Trace } from "./Trace";
import { nameOf, storeOf, useSiblings, useTracks, varianceOf } from "./tracks";
import { Transport } from "./Transport";
import { useProxy, useViewedPrediction, useViewedVideo, type Proxy } from "./useViewed";
import { useViewerKeys } from "./useViewerKeys";
import classes from "./viewer.module.css";

const route = getRouteApi("/app/projects/$projectId/view/$predictionId");

const NONE: readonly Prediction[] = [];

/** Keypoints the network knows but the project has retired keep a neutral colour. */
const RETIRED = "#9aa4b2";

export function ViewerPage() {
  const { projectId, predictionId } = route.useParams();
  const prediction = useViewedPrediction(projectId, predictionId);
  const videoId = prediction.data?.video.id;
  const video = useViewedVideo(projectId, videoId);
  const proxy = useProxy(projectId, videoId);
  const skeleton = useSkeleton(projectId);
  const problem = prediction.error ?? video.error ?? proxy.error ?? skeleton.error;
  if (problem !== null) {
    const retry = () => void Promise.all([prediction, video, proxy, skeleton].map((query) => query.refetch()));
    return <Message title="This prediction cannot be shown" text={problem.message} onRetry={retry} />;
  }
  if (!prediction.data || !video.data || !proxy.data || !skeleton.data) {
    return (
      <Center h="100%">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (prediction.data.block_url === null) return <Message title="Not predicted yet" text={`This prediction is ${prediction.data.state}.`} />;
  return (
    <div className={classes.page}>
      <ViewerBar projectId={projectId} prediction={prediction.data} />
      {"job" in proxy.data ? (
        <main className={classes.stage}>
          <Alert className={classes.notice} title="Preparing the video for the browser">
            {proxy.data.job !== null && <JobProgress job={proxy.data.job} />}
          </Alert>
        </main>
      ) : (
        <Player key={predictionId} projectId={projectId} prediction={prediction.data} video={video.data} proxy={proxy.data} skeleton={skeleton.data} />
      )}
    </div>
  );
}

interface PlayerProps {
  projectId: string;
  prediction: Prediction;
  video: Video;
  proxy: Exclude<Proxy, { job: unknown }>;
  skeleton: Skeleton;
}

function Player({ projectId, prediction, video, proxy, skeleton }: PlayerProps) {
  const search = route.useSearch();
  const [firstFrame] = useState(search.frame ?? 0);
  const navigate = useNavigate({ from: "/projects/$projectId/view/$predictionId" });
  const player = useRef<PlayerHandle>(null);
  const [frame, setFrame] = useState(firstFrame);
  const [, setArrivals] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [threshold, setThreshold] = useState(0.3);
  const [show, setShow] = useState({ names: false, edges: true, points: true });
  const [problem, setProblem] = useState<string | null>(null);
  const [heatmap, setHeatmap] = useState<Heatmap | null>(null);
  const rate = useMemo(() => parseRate(proxy.fps), [proxy.fps]);
  const drawn = useMemo(() => asDrawn(prediction.keypoints, skeleton), [prediction.keypoints, skeleton]);
  const [poses] = useState(() => storeOf(projectId, prediction));
  const [variance] = useState(() => varianceOf(projectId, prediction));
  const siblings = useSiblings(projectId, prediction.video.id).data;
  const chosen = useMemo(
    () => (search.with === undefined ? prediction.members.map((member) => member.id) : search.with.split(",").filter(Boolean)),
    [search.with, prediction.members],
  );
  const tracks = useTracks(projectId, prediction, siblings ?? NONE, chosen);
  const handle = useCallback(() => player.current, []);
  useViewerKeys(handle, proxy.frame_count);
  const seek = useCallback((to: number) => player.current?.seek(to), []);
  useAddress(frame, playing);
  return (
    <>
      <main className={classes.stage}>
        <PlayerCanvas
          ref={player}
          url={proxy.url}
          rate={rate}
          frameCount={proxy.frame_count}
          size={{ width: video.width ?? 1, height: video.height ?? 1 }}
          skeleton={drawn}
          poses={poses}
          variance={variance}
          tracks={tracks}
          crop={video.crop}
          heatmap={heatmap}
          threshold={threshold}
          show={show}
          firstFrame={firstFrame}
          onFrame={setFrame}
          onPoses={() => setArrivals((count) => count + 1)}
          onPlaying={setPlaying}
          onProblem={setProblem}
        />
        {problem !== null && (
          <Alert className={classes.notice} color="orange" title="That did not work" withCloseButton onClose={() => setProblem(null)}>
            {problem}
          </Alert>
        )}
      </main>
      <aside className={classes.side} aria-label="Tracks and keypoints">
        <Notes prediction={prediction} />
        <CompareList
          viewed={prediction}
          siblings={siblings ?? NONE}
          chosen={chosen}
          onChoose={(ids) => void navigate({ search: (old) => ({ ...old, with: ids.join(",") }), replace: true })}
        />
        <HeatmapPanel projectId={projectId} prediction={prediction} frame={frame} shown={heatmap} onShow={setHeatmap} />
        <LikelihoodList
          skeleton={drawn}
          poses={poses}
          variance={variance}
          individuals={prediction.individuals}
          frame={frame}
          threshold={threshold}
          bands={aboutBands(prediction.summary)}
        />
      </aside>
      <Trace
        name={nameOf(prediction)}
        skeleton={drawn}
        individuals={prediction.individuals}
        poses={poses}
        variance={variance}
        tracks={tracks}
        frame={frame}
        frameCount={proxy.frame_count}
        keypoint={search.keypoint ?? ""}
        onKeypoint={(keypoint) => void navigate({ search: (old) => ({ ...old, keypoint }), replace: true })}
        onSeek={seek}
        onProblem={setProblem}
      />
      <Transport
        player={handle}
        frame={frame}
        frameCount={proxy.frame_count}
        rate={rate}
        playing={playing}
        speed={speed}
        threshold={threshold}
        show={show}
        onSpeed={(next) => {
          setSpeed(next);
          player.current?.setSpeed(next);
        }}
        onThreshold={setThreshold}
        onShow={setShow}
      />
    </>
  );
}

/** What the smoother has to say, such as a camera that does not fit its calibration. */
function Notes({ prediction }: { prediction: Prediction }) {
  const { notes } = prediction.summary;
  if (!Array.isArray(notes) || notes.length === 0) return null;
  return (
    <Alert color="orange" mb="sm" p="xs" title="Please check">
      {notes.map((note: unknown) => (
        <Text key={String(note)} size="xs">
          {String(note)}
        </Text>
      ))}
    </Alert>
  );
}

/** The frame stands in the address while the video rests, so that it can be linked. */
function useAddress(frame: number, playing: boolean): void {
  const navigate = useNavigate({ from: "/projects/$projectId/view/$predictionId" });
  useEffect(() => {
    if (playing) return;
    const timer = setTimeout(() => void navigate({ search: (old) => ({ ...old, frame }), replace: true }), 300);
    return () => clearTimeout(timer);
  }, [navigate, frame, playing]);
}

function asDrawn(names: readonly string[], skeleton: Skeleton) {
  const colors = new Map(skeleton.keypoints.map((k) => [k.name, k.color]));
  return drawnSkeleton(
    names.map((name) => ({ id: name, name, color: colors.get(name) ?? RETIRED })),
    skeleton.edges,
  );
}

function ViewerBar({ projectId, prediction }: { projectId: string; prediction: Prediction }) {
  const navigate = useNavigate();
  return (
    <header className={classes.bar}>
      <Tooltip label="Back to the predictions">
        <ActionIcon aria-label="Back to the predictions" onClick={() => void navigate({ to: "/projects/$projectId/predictions", params: { projectId } })}>
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
      <Text size="sm" fw={600} className="truncate">
        {prediction.video.name}
      </Text>
      <Text size="sm" c="dimmed" className="truncate">
        {nameOf(prediction)}
      </Text>
      <Downloads projectId={projectId} prediction={prediction} />
    </header>
  );
}

function Message({ title, text, onRetry }: { title: string; text: string; onRetry?: () => void }) {
  return (
    <Center h="100%">
      <Alert title={title} color="orange">
        <Stack gap="xs" align="flex-start">
          {text}
          {onRetry && <Button onClick={onRetry}>Try again</Button>}
        </Stack>
      </Alert>
    </Center>
  );
}
