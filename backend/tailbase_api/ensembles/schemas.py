"""Ensembles on the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from tailbase.schema import Name, SmoothSpec
from tailbase_api.jobs.schemas import JobOut
from tailbase_api.models.schemas import ModelOut
from tailbase_api.predictions.schemas import PredictionOut
from tailbase_api.schemas import Body, Reply

MOST_MEMBERS = 20
MOST_VIDEOS = 1000


MemberState = Literal["queued", "training", "ready", "failed", "cancelled", "deleted"]


class SmootherOut(Reply):
    """A way to smooth. `unavailable` says why it does not suit this project; `views` are those it would use."""

    method: Literal["single", "mirrored", "multiview", "calibrated", "pupil", "paw", "median"]
    title: str
    description: str
    suggested: bool
    unavailable: str | None
    views: list[str]


class EnsembleIn(Body):
    """One model or several. Their keypoints are joined by name; where a member lacks one, the others are used.

    Without `settings` the suggested smoother is used.
    """

    name: Name | None = None
    model_ids: list[UUID] = Field(min_length=1, max_length=MOST_MEMBERS)
    settings: SmoothSpec | None = None


class EnsemblePatch(Body):
    """What is left out stays. Videos that were run with other settings stay as they are until they are run again."""

    name: Name | None = None
    settings: SmoothSpec | None = None


class RunIn(Body):
    """Members' missing predictions are made first. Of several cameras, one video stands for its whole recording.

    `again` also runs videos that are done; the new track takes the place of the old one.
    """

    video_ids: list[UUID] = Field(min_length=1, max_length=MOST_VIDEOS)
    again: bool = False


class TrainEnsembleIn(Body):
    """`members` networks that differ in their seed, trained side by side; then these videos are run.

    `preset` and `spec` are those of a training.
    """

    name: Name | None = None
    members: int = Field(default=5, ge=2, le=MOST_MEMBERS)
    preset: str = Field(default="standard", max_length=60)
    spec: dict[str, Any] = Field(default_factory=dict, max_length=50)
    settings: SmoothSpec | None = None
    video_ids: list[UUID] = Field(default_factory=list, max_length=MOST_VIDEOS)


class EnsembleMemberOut(Reply):
    """`deleted` ones lie in the trash. `lacks` are keypoints that other members find and this one does not."""

    id: UUID
    name: str
    preset: str | None
    state: MemberState
    lacks: list[str]


class PredictionCounts(Reply):
    ready: int
    under_way: int
    failed: int


class EnsembleOut(Reply):
    """`state` is that of its members together; `job_id` the work that made them, where they were asked for together."""

    id: UUID
    name: str
    state: Literal["training", "ready", "failed"]
    settings: SmoothSpec
    members: list[EnsembleMemberOut]
    predictions: PredictionCounts
    job_id: UUID | None
    created_at: datetime


class RunReply(Reply):
    """`skipped` are the videos that have a prediction of this ensemble, finished or under way."""

    predictions: list[PredictionOut]
    jobs: list[JobOut]
    skipped: list[UUID]


class TrainedReply(Reply):
    """`job` is the whole: it ends when all models are trained and all videos are done."""

    ensemble: EnsembleOut
    models: list[ModelOut]
    predictions: list[PredictionOut]
    job: JobOut
