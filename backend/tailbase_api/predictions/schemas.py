"""Predictions on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tailbase.schema import Name
from tailbase_api.jobs.schemas import JobOut
from tailbase_api.schemas import Body, Reply


class PredictIn(Body):
    """The model looks at those of the videos it has not looked at, or failed to."""

    model_id: UUID
    video_ids: list[UUID] = Field(min_length=1, max_length=1000)


class NamedThing(Reply):
    id: UUID
    name: str


class PredictionFile(Reply):
    name: str
    url: str


class PredictionOut(Reply):
    """Made by `model` or by `ensemble`, the other is null.

    `block_url` takes Range requests: little-endian float32, (frame, individual, keypoint, 3): x, y, likelihood.
    `variance_url`, of an ensemble, too: (frame, individual, keypoint, 2), the variance of x and of y in square pixels.
    `outdated` says that the ensemble has other settings than those it was made with. `summary.intervals` tells for each
    keypoint how its variance was widened by labels that no member learnt from.
    `members` are the predictions that an ensemble smoothed, with the names of their models; `files` are further tables.
    """

    id: UUID
    model: NamedThing | None
    ensemble: NamedThing | None
    video: NamedThing
    state: Literal["queued", "running", "ready", "failed", "cancelled"]
    outdated: bool
    frame_count: int | None
    individuals: list[str]
    keypoints: list[str]
    block_url: str | None
    variance_url: str | None
    parquet_url: str | None
    members: list[NamedThing]
    files: list[PredictionFile]
    size_bytes: int
    summary: dict[str, Any]
    provenance: dict[str, Any]
    job_id: UUID | None
    created_at: datetime


class ImportedFile(Body):
    """Poses of one video: a file uploaded with purpose `import`, or one under a root of the server."""

    video_id: UUID
    upload_id: UUID | None = None
    root: Name | None = None
    path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.root is None) != (self.path is None) or (self.upload_id is None) == (self.root is None):
            raise ValueError("give either upload_id, or root and path")
        return self


class ImportPredictionsIn(Body):
    """Files of Lightning Pose, DeepLabCut or SLEAP as a read-only model: a new one, or one that was imported before."""

    name: Name | None = None
    model_id: UUID | None = None
    files: list[ImportedFile] = Field(min_length=1, max_length=1000)


class PredictReply(Reply):
    """`skipped` are the videos that have a prediction of this model, finished or under way."""

    predictions: list[PredictionOut]
    jobs: list[JobOut]
    skipped: list[UUID]
