/** The nouns of the API under short names, and the shapes of what it leaves free. */
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type User = Schemas["UserOut"];
export type LinkInfo = Schemas["LinkOut"];
export type Project = Schemas["ProjectOut"];
export type Role = Project["role"];
export type Skeleton = Schemas["SkeletonOut"];
export type Keypoint = Schemas["KeypointOut"];
export type Member = Schemas["MemberOut"];
export type Recording = Schemas["RecordingOut"];
export type Video = Schemas["VideoOut"];
export type VideoState = Video["state"];
export type Frame = Schemas["FrameOut"];
export type FrameState = Frame["state"];
export type SelectMethod = Schemas["SelectIn"]["method"];
export type Prelabels = Schemas["PrelabelsOut"];
export type LabelFindings = Schemas["FindingsOut"];
export type PersonProgress = Schemas["PersonProgress"];
export type Raters = Schemas["RatersOut"];

/** What a preview of chosen frames gives; `components` name artifacts of the job. */
export interface PreviewResult {
  indices: number[];
  spares: number[];
  scores?: Record<string, number>;
  looks?: { frames: number[]; groups: number[]; places: [number, number][]; shares: number[]; components: string[] };
}
export type TrainSpec = Schemas["TrainSpec"];
export type Preset = Schemas["PresetOut"];
export type CurvePoint = Schemas["CurvePoint"];
export type Prediction = Schemas["PredictionOut"];
export type Ensemble = Schemas["EnsembleOut"];
export type Smoother = Schemas["SmootherOut"];
export type SmoothSpec = Schemas["SmoothSpec"];
export type TrashItem = Schemas["TrashItem"];
export type ApiToken = Schemas["TokenOut"];
export type AuditEvent = Schemas["AuditOut"];
export type Worker = Schemas["WorkerOut"];
export type RootEntry = Schemas["RootEntry"];

export interface KeypointError {
  mean_px: number | null;
  median_px: number | null;
  points: number;
}

/** Pixel errors of one split. */
export interface Metrics extends KeypointError {
  p90_px: number | null;
  rmse_px: number | null;
  per_keypoint: Record<string, KeypointError>;
}

export type Model = Omit<Schemas["ModelOut"], "metrics" | "spec"> & {
  metrics: Partial<Record<string, Metrics>>;
  spec: TrainSpec;
};

export interface JobProgress {
  stage?: string;
  done?: number;
  total?: number;
  eta_s?: number | null;
}

/** One of the jobs that another waits for. */
export type JobPart = Omit<Schemas["PartOut"], "progress"> & { progress: JobProgress };
/** Lists leave the log out for its size, and the parts. */
export type Job = Omit<Schemas["JobOut"], "progress"> & { progress: JobProgress; log_tail?: string; parts?: JobPart[] };
export type JobState = Job["state"];
export type JobKind = Job["kind"];

export interface ImportReport {
  format: string;
  scorers: string[];
  frames: number;
  points: number;
  individuals: string[];
  keypoints: string[];
  missing_images: string[];
  unmatched_names: string[];
  size_mismatches: string[];
  unlabelled_images: number;
  out_of_domain?: number;
  matched_frames: Record<string, unknown>;
  warnings: { code: string; detail: string }[];
}

export type Evaluation = Schemas["EvaluationOut"];
export type ErrorSet = Schemas["ErrorSet"];
export type ErrorFigures = Schemas["ErrorFigures"];
export type WorstImage = Schemas["WorstImage"];
export type TrackFigures = Schemas["TrackFigures"];
export type Track = Schemas["TrackOut"];
export type Comparison = Schemas["ComparisonOut"];
export type Interval = Schemas["Interval"];
export type TrainField = Schemas["TrainField"];
