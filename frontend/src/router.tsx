import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { NotFound } from "./components/NotFound";
import { Pending } from "./components/Pending";
import { RouteError } from "./components/RouteError";
import { queryClient } from "./data/queryClient";
import { meQuery } from "./data/session";
import { isSignedOut } from "./data/client";
import { signedOut } from "./data/signedOut";
import { JOB_KINDS, JOB_STATES } from "./data/jobs";
import type { FrameState, JobKind, JobState, VideoState } from "./data/types";
import { AppLayout } from "./layout/AppLayout";
import { ProjectLayout } from "./layout/ProjectLayout";

type Search = Record<string, unknown>;

interface VideosSearch {
  state?: VideoState | undefined;
  recording?: string | undefined;
  /** The video whose drawer is open. */
  video?: string | undefined;
  open?: "register" | "import" | "pattern" | undefined;
}

interface ViewSearch {
  frame?: number | undefined;
  /** Ids of the predictions laid beside, with commas between; left out it means an ensemble's members. */
  with?: string | undefined;
  /** The keypoint whose trace is shown. */
  keypoint?: string | undefined;
}

interface DiagnosticsSearch {
  model?: string | undefined;
  /** The frames whose errors are shown, by what they were to the training. */
  set?: "test" | "validation" | "train" | "all" | undefined;
  unit?: "px" | "percent" | undefined;
  /** The prediction whose trace is shown, and of which measure. */
  track?: string | undefined;
  measure?: string | undefined;
  /** The job that compared models. */
  comparison?: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((one) => one === value);
}

const root = createRootRoute({ notFoundComponent: NotFound, errorComponent: RouteError });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Search): { link?: string; next?: string } => ({ link: text(search.link), next: text(search.next) }),
  component: lazyRouteComponent(() => import("./pages/login/LoginPage"), "LoginPage"),
});

const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: AppLayout,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.query({ ...meQuery, staleTime: "static" });
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
});

const projects = createRoute({
  getParentRoute: () => app,
  path: "/",
  validateSearch: (search: Search): { new?: boolean } => (search.new === true ? { new: true } : {}),
  component: lazyRouteComponent(() => import("./pages/projects/ProjectsPage"), "ProjectsPage"),
});

const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  component: lazyRouteComponent(() => import("./pages/account/AccountPage"), "AccountPage"),
});

const project = createRoute({ getParentRoute: () => app, path: "/projects/$projectId", component: ProjectLayout });

const projectHome = createRoute({
  getParentRoute: () => project,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/projects/$projectId/videos", params, replace: true });
  },
});

const videos = createRoute({
  getParentRoute: () => project,
  path: "/videos",
  validateSearch: (search: Search): VideosSearch => ({
    state: oneOf(search.state, ["uploading", "processing", "ready", "rejected"] as const),
    recording: text(search.recording),
    video: text(search.video),
    open: oneOf(search.open, ["register", "import", "pattern"] as const),
  }),
  component: lazyRouteComponent(() => import("./pages/videos/VideosPage"), "VideosPage"),
});

const frames = createRoute({
  getParentRoute: () => project,
  path: "/frames",
  validateSearch: (search: Search): { state?: FrameState; video?: string } => ({
    state: oneOf(search.state, ["todo", "draft", "submitted", "accepted"] as const),
    video: text(search.video),
  }),
  component: lazyRouteComponent(() => import("./pages/frames/FramesPage"), "FramesPage"),
});

const models = createRoute({
  getParentRoute: () => project,
  path: "/models",
  validateSearch: (search: Search): { train?: boolean; import?: boolean } => ({
    ...(search.train === true ? { train: true } : {}),
    ...(search.import === true ? { import: true } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/models/ModelsPage"), "ModelsPage"),
});

const model = createRoute({
  getParentRoute: () => project,
  path: "/models/$modelId",
  component: lazyRouteComponent(() => import("./pages/models/ModelPage"), "ModelPage"),
});

const ensembles = createRoute({
  getParentRoute: () => project,
  path: "/ensembles",
  validateSearch: (search: Search): { open?: "train" | "combine" | undefined } => ({ open: oneOf(search.open, ["train", "combine"] as const) }),
  component: lazyRouteComponent(() => import("./pages/ensembles/EnsemblesPage"), "EnsemblesPage"),
});

const ensemble = createRoute({
  getParentRoute: () => project,
  path: "/ensembles/$ensembleId",
  component: lazyRouteComponent(() => import("./pages/ensembles/EnsemblePage"), "EnsemblePage"),
});

const predictions = createRoute({
  getParentRoute: () => project,
  path: "/predictions",
  validateSearch: (search: Search): { all?: boolean } => (search.all === true ? { all: true } : {}),
  component: lazyRouteComponent(() => import("./pages/predictions/PredictionsPage"), "PredictionsPage"),
});

const diagnostics = createRoute({
  getParentRoute: () => project,
  path: "/diagnostics",
  validateSearch: (search: Search): DiagnosticsSearch => ({
    model: text(search.model),
    set: oneOf(search.set, ["test", "validation", "train", "all"] as const),
    unit: oneOf(search.unit, ["px", "percent"] as const),
    track: text(search.track),
    measure: text(search.measure),
    comparison: text(search.comparison),
  }),
  component: lazyRouteComponent(() => import("./pages/diagnostics/DiagnosticsPage"), "DiagnosticsPage"),
});

const jobs = createRoute({
  getParentRoute: () => project,
  path: "/jobs",
  validateSearch: (search: Search): { state?: JobState; kind?: JobKind; job?: string } => ({
    state: oneOf(search.state, JOB_STATES),
    kind: oneOf(search.kind, JOB_KINDS),
    job: text(search.job),
  }),
  component: lazyRouteComponent(() => import("./pages/jobs/JobsPage"), "JobsPage"),
});

const settings = createRoute({
  getParentRoute: () => project,
  path: "/settings/$section",
  component: lazyRouteComponent(() => import("./pages/settings/SettingsPage"), "SettingsPage"),
});

const label = createRoute({
  getParentRoute: () => project,
  path: "/label",
  validateSearch: (search: Search): { frame?: string; state?: FrameState; video?: string; own?: boolean } => ({
    frame: text(search.frame),
    state: oneOf(search.state, ["todo", "draft", "submitted", "accepted"] as const),
    video: text(search.video),
    // A second rater's own labels.
    ...(search.own === true ? { own: true } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/labeller/LabellerPage"), "LabellerPage"),
});

const labelling = createRoute({
  getParentRoute: () => project,
  path: "/labelling",
  component: lazyRouteComponent(() => import("./pages/labelling/LabellingPage"), "LabellingPage"),
});

const view = createRoute({
  getParentRoute: () => project,
  path: "/view/$predictionId",
  validateSearch: (search: Search): ViewSearch => ({
    frame: typeof search.frame === "number" ? search.frame : undefined,
    with: typeof search.with === "string" ? search.with : undefined,
    keypoint: text(search.keypoint),
  }),
  component: lazyRouteComponent(() => import("./pages/viewer/ViewerPage"), "ViewerPage"),
});

const tree = root.addChildren([
  login,
  app.addChildren([
    projects,
    account,
    project.addChildren([projectHome, videos, frames, models, model, ensembles, ensemble, predictions, diagnostics, jobs, settings, label, labelling, view]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  defaultPendingComponent: Pending,
  defaultPendingMs: 300,
});

signedOut.subscribe(() => {
  if (router.state.location.pathname === "/login") return;
  queryClient.clear();
  void router.navigate({ to: "/login", search: { next: router.state.location.href } });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
