"""Frames on the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tailbase_api.schemas import Body, LongText, Reply
from tailbase_api.videos.schemas import Crop

MOST_PREVIEWED = 200
FrameOrder = Literal["age", "benefit"]
FrameState = Literal["todo", "draft", "submitted", "accepted"]
FrameIndex = Annotated[int, Field(ge=0, lt=2**31)]


Note = Annotated[LongText, Field(max_length=1000)]


@dataclass(frozen=True)
class Wanted:
    """Which frames of a project to list; None leaves open."""

    state: FrameState | None = None
    video_id: UUID | None = None
    second_rater: UUID | None = None


ALL = Wanted()


class VideoName(Reply):
    id: UUID
    name: str


class VideoOfFrame(VideoName):
    crop: Crop | None


class ContextImage(Reply):
    """A neighbour of the frame in its video; `offset` is in frames."""

    offset: int
    url: str


class PrelabelPoint(Reply):
    individual_id: UUID
    keypoint_id: UUID
    x: float
    y: float
    likelihood: float


class FramePrelabel(Reply):
    """What a model proposes for a frame; a point of it is `predicted` until a person says something about it."""

    model_id: UUID
    points: list[PrelabelPoint]


class FrameOut(Reply):
    """`labelled_points` of `total_points` keypoints in use have been said something about.

    `score` is the benefit expected of labelling the frame, from 0 to 1. `prelabel` is null where no model has looked
    at the frame yet, and for the share of frames that are labelled without help to check the others by.
    """

    id: UUID
    video: VideoOfFrame | None
    recording_id: UUID | None
    frame_index: int | None
    source_path: str | None
    state: FrameState
    origin: str
    score: float | None
    width: int | None
    height: int | None
    image_url: str | None
    thumbnail_url: str | None
    context: list[ContextImage]
    labelled_points: int
    total_points: int
    assignee: UUID | None
    second_rater: UUID | None
    note: str | None
    skipped: str | None
    prelabel: FramePrelabel | None
    created_at: datetime


SelectMethod = Literal["kmeans", "uniform", "confidence", "jumps", "fitting", "pca", "disagreement"]


class SelectIn(Body):
    """Choose `count` frames in each video between `start` (included) and `end` (excluded), or in several `ranges`.

    kmeans takes frames that look different, uniform evenly spaced ones. The other methods look at the videos' latest
    predictions: where a network is unsure (confidence), where points jump, leave their course (fitting) or show an
    unusual pose (pca), or where networks differ (disagreement, which needs predictions of two).

    A `preview` adds no frame: the job's result names `indices` and `spares`, its artifacts are their thumbnails, and
    what is kept of them is added by naming it (add frames).
    """

    video_ids: list[UUID] = Field(min_length=1, max_length=500)
    method: SelectMethod
    count: int = Field(ge=1, le=1000)
    start: FrameIndex | None = None
    end: FrameIndex | None = None
    ranges: list[tuple[FrameIndex, FrameIndex]] = Field(default_factory=list, max_length=50)
    seed: int = Field(default=0, ge=0, lt=2**31)
    preview: bool = False

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.ranges and (self.start is not None or self.end is not None):
            raise ValueError("give start and end, or ranges, not both")
        if any(end <= start for start, end in self.ranges):
            raise ValueError("each range must end behind its start")
        if self.preview and self.count > MOST_PREVIEWED:
            raise ValueError(f"a preview shows at most {MOST_PREVIEWED} frames")
        if self.end is not None and self.end <= (self.start or 0):
            raise ValueError("end must lie behind start")
        return self


class AddIn(Body):
    video_id: UUID
    indices: list[FrameIndex] = Field(min_length=1, max_length=1000)
    origin: Literal["manual"] | SelectMethod = Field(default="manual", description="How they were found.")


class FrameIn(Body):
    """What to change; a field left out stays. A reviewer's `note` stays with the frame until it is accepted.

    `skipped` says why the frame is not labelled: it goes to the end of the queue until that is null again, which
    submitting its labels brings about too.
    """

    state: FrameState | None = None
    assignee: UUID | None = None
    second_rater: UUID | None = None
    note: Note | None = None
    skipped: Note | None = None


class AssignIn(Body):
    """Hand out the frames named, or `count` of those that wait and nobody has, the most useful first.

    `second` asks the person to label them a second time, into a set of their own.
    """

    assignee: UUID | None
    frame_ids: list[UUID] = Field(default_factory=list, max_length=5000)
    count: int = Field(default=0, ge=0, le=5000)
    second: bool = False

    @model_validator(mode="after")
    def _names_or_counts(self) -> Self:
        if bool(self.frame_ids) == bool(self.count):
            raise ValueError("give frame_ids or count")
        return self


class Assigned(Reply):
    assigned: int
