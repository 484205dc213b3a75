"""Models on the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from tailbase.schema import Name, TrainSpec
from tailbase_api.jobs.schemas import JobOut
from tailbase_api.schemas import Body, Reply

ModelState = Literal["queued", "training", "ready", "failed", "cancelled"]


class PresetOut(Reply):
    """`minutes` is an estimate for the worker there is. One preset is `recommended`, with sentences that say why.

    `animals` is how many the project's labels are of; more than one are trained only with `individuals` separate.
    """

    name: str
    title: str
    description: str
    spec: TrainSpec
    minutes: int
    needs_video: bool
    recommended: bool
    reasons: list[str]
    animals: int


class ModelIn(Body):
    """A preset, and what to change of it: `spec` holds only the fields of a TrainSpec that differ."""

    name: Name | None = None
    preset: str = Field(default="standard", max_length=60)
    spec: dict[str, Any] = Field(default_factory=dict, max_length=50)


class ModelPatch(Body):
    name: Name


class EvaluateIn(Body):
    """The images the training kept back, all of its snapshot, or the project's labels as they are (`current`)."""

    split: Literal["test", "validation", "all", "current"] = "test"


class HeatmapIn(Body):
    """One frame of a video; of all keypoints, or of one.

    The job's artifact is a picture with the maps on a transparent ground, and `region` of its result says what that
    covers of the frame: pixels from the outer corner of the frame's first one.
    """

    video_id: UUID
    frame: int = Field(ge=0, lt=2**31)
    keypoint: Name | None = None


class VideoUsed(Reply):
    id: UUID
    name: str


class LabelSummary(Reply):
    """The labels when the training was asked for, and the videos whose frames without labels it looks at.

    None of ours for a model of another program.
    """

    frames: int = 0
    points: int = 0
    videos: list[VideoUsed] = Field(default_factory=list)


class ModelOut(Reply):
    """`metrics` holds a block of pixel errors for each split that was evaluated."""

    id: UUID
    name: str
    preset: str | None
    state: ModelState
    spec: dict[str, Any]
    metrics: dict[str, Any]
    label_summary: LabelSummary
    sha256: str | None
    size_bytes: int
    job_id: UUID | None
    created_at: datetime


class ModelReply(Reply):
    model: ModelOut
    job: JobOut


class CurvePoint(Reply):
    """One epoch. `id` grows, so that `after` asks for what came later; a repeated epoch replaces the earlier one.

    `others` are all further numbers the training tells, such as each loss by itself.
    """

    id: int
    epoch: int
    train_loss: float | None = None
    validation_px: float | None = None
    learning_rate: float | None = None
    seconds_per_step: float | None = None
    others: dict[str, float] = Field(default_factory=dict)


class FileOut(Reply):
    name: str
    url: str


class ModelFiles(Reply):
    files: list[FileOut]
