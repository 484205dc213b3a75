"""Review on the wire."""

from typing import Literal
from uuid import UUID

from tailbase_api.frames.schemas import VideoName
from tailbase_api.schemas import Reply


class KeypointDifference(Reply):
    """`points` were placed by both people."""

    keypoint_id: UUID
    mean_px: float
    median_px: float
    points: int


class FrameDifference(Reply):
    frame_id: UUID
    second_rater: UUID | None
    mean_px: float
    points: int


class RatersOut(Reply):
    """How far two people's points of the same frames lie apart: the line below which no error of a network means much.

    `disputed` counts points that one person calls absent and the other has placed. `frames` are the worst first.
    """

    mean_px: float | None
    median_px: float | None
    points: int
    disputed: int
    keypoints: list[KeypointDifference]
    frames: list[FrameDifference]


class PersonProgress(Reply):
    """Frames a person was given, by state, and those they have saved something in; `returned` ones have a note."""

    user_id: UUID
    name: str
    todo: int
    draft: int
    submitted: int
    accepted: int
    returned: int
    labelled: int
    second: int


class FindingOut(Reply):
    """A label that is probably a mistake: left and right exchanged, a bone of an odd length, or an odd pose.

    `score` is larger the odder it is.
    """

    frame_id: UUID
    video: VideoName | None
    frame_index: int | None
    thumbnail_url: str | None
    individual_id: UUID
    kind: Literal["swap", "bone", "pose"]
    keypoint_ids: list[UUID]
    score: float


class FindingsOut(Reply):
    """`checked` poses were compared with each other."""

    checked: int
    items: list[FindingOut]
