/** The nouns of the API as the pages use them. */

export type Role = "owner" | "editor" | "annotator" | "reviewer" | "viewer";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface User {
  id: string;
  email: string;
  name: string;
  is_admin: boolean;
  preferences: Record<string, unknown>;
}

export interface LinkInfo {
  purpose: "owner" | "login" | "invite" | "reset";
  email?: string | null;
  project_name?: string | null;
  needs: string[];
}

export interface Counts {
  videos: number;
  frames: number;
  labelled: number;
  models: number;
}

export interface Project {
  id: string;
  name: string;
  description: string;
  name_pattern: string;
  role: Role;
  created_at: string;
  counts: Counts;
  poster_urls?: string[];
  last_activity_at?: string | null;
}

export interface Keypoint {
  id?: string | null;
  name: string;
  color: string;
  partner: string | null;
  part: string | null;
  view: string | null;
}

export interface View {
  name: string;
  mirrored: boolean;
}

export interface Skeleton {
  keypoints: Keypoint[];
  edges: [string, string][];
  views: View[];
}

export interface Member {
  user_id: string;
  name: string;
  email: string;
  role: Role;
}

export interface Recording {
  id: string;
  name: string;
  animal: string | null;
  session: string | null;
  rig: string | null;
  condition: string | null;
  fields: Record<string, string>;
}

export type VideoState = "uploading" | "processing" | "ready" | "rejected";

export interface Video {
  id: string;
  name: string;
  recording: Recording;
  view: string | null;
  state: VideoState;
  error_code: string | null;
  error_detail: string | null;
  in_place: boolean;
  root: string | null;
  relative_path: string | null;
  size_bytes: number | null;
  frame_count: number | null;
  fps: string | null;
  fps_value: number | null;
  width: number | null;
  height: number | null;
  duration_s: number | null;
  codec: string | null;
  has_proxy: boolean;
  poster_url: string | null;
  created_at: string;
}

export type FrameState = "todo" | "draft" | "submitted" | "accepted";

export interface Frame {
  id: string;
  video: { id: string; name: string } | null;
  recording_id: string | null;
  frame_index: number | null;
  source_path: string | null;
  state: FrameState;
  origin: string;
  width: number | null;
  height: number | null;
  image_url: string | null;
  image_url: string | null;
  thumbnail_url: string | null;
  context: { offset: number; url: string }[];
  labelled_points: number;
  total_points: number;
}

export interface TrainSpec {
  backbone: string;
  weights: string;
  image_height: number;
  image_width: number;
  epochs: number;
  batch_size: number;
  learning_rate: number;
  seed: number;
  [key: string]: unknown;
}

export interface Preset {
  name: string;
  title: string;
  description: string;
  spec: TrainSpec;
}

export interface KeypointError {
  mean_px: number | null;
  median_px: number | null;
  points: number;
}

export interface Metrics {
  mean_px: number | null;
  median_px: number | null;
  p90_px: number | null;
  rmse_px: number | null;
  points: number;
  per_keypoint: Record<string, KeypointError>;
}

export type ModelState = "queued" | "training" | "ready" | "failed" | "cancelled";

export interface Model {
  id: string;
  name: string;
  preset: string | null;
  state: ModelState;
  spec: TrainSpec;
  metrics: Record<string, Metrics | undefined>;
  label_summary: { frames?: number; points?: number };
  sha256: string | null;
  size_bytes: number;
  job_id: string | null;
  created_at: string;
}

export interface CurvePoint {
  epoch: number;
  train_loss?: number | null;
  validation_px?: number | null;
  seconds_per_step?: number | null;
}

export type PredictionState = "queued" | "running" | "ready" | "failed" | "cancelled";

export interface Prediction {
  id: string;
  model: { id: string; name: string };
  video: { id: string; name: string };
  state: PredictionState;
  frame_count: number | null;
  parquet_url: string | null;
  job_id: string | null;
}

export type JobState = "waiting" | "queued" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";

export interface JobProgress {
  stage?: string;
  done?: number;
  total?: number;
  eta_s?: number | null;
}

export interface Artifact {
  name: string;
  size_bytes: number;
  url: string;
}

export interface Job {
  id: string;
  kind: string;
  title: string;
  state: JobState;
  progress: JobProgress;
  error_code: string | null;
  error_detail: string | null;
  attempt: number;
  worker: string | null;
  log_tail: string;
  result: Record<string, unknown>;
  artifacts: Artifact[];
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

export interface TrashItem {
  kind: string;
  id: string;
  name: string;
  deleted_at: string;
  size_bytes: number;
}

export interface ApiToken {
  id: string;
  name: string;
  prefix: string;
  expires_at: string | null;
  last_used_at: string | null;
  created_at: string;
}

export interface AuditEvent {
  id: string;
  user: string | null;
  action: string;
  details: Record<string, unknown>;
  created_at: string;
}

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
  matched_frames: Record<string, unknown>;
  warnings: { code: string; detail: string }[];
}
