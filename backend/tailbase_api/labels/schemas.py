"""Points on the wire. One is known by its individual and keypoint; coordinates are pixels of the original image."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tailbase_api.schemas import Body, Reply

PointStateName = Literal["visible", "occluded", "absent"]
Pixel = Annotated[float, Field(strict=True, allow_inf_nan=False)]

Points = dict[str, Any]
"""As stored: ``"<individual id>/<keypoint id>"`` to ``{"x", "y", "state", "model_id"?}``; None where taken back."""


class PointChange(Body):
    """What a person now says about one point; `state` null takes back whatever was said.

    `model_id` says that the point is a pre-label of this model, taken over where it was.
    """

    individual_id: UUID
    keypoint_id: UUID
    x: Pixel | None = None
    y: Pixel | None = None
    state: PointStateName | None
    model_id: UUID | None = None

    @property
    def key(self) -> str:
        return f"{self.individual_id}/{self.keypoint_id}"

    @property
    def stored(self) -> dict[str, Any] | None:
        if self.state is None:
            return None
        origin = {} if self.model_id is None else {"model_id": str(self.model_id)}
        return {"x": self.x, "y": self.y, "state": self.state} | origin

    @model_validator(mode="after")
    def _position_fits_state(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("give both x and y, or neither")
        if self.state == "visible" and self.x is None:
            raise ValueError("a visible point needs x and y")
        if self.state in (None, "absent") and self.x is not None:
            raise ValueError("a point that is absent or cleared has no x and y")
        if self.model_id is not None and self.x is None:
            raise ValueError("only a point with x and y can be a pre-label")
        return self


class Effort(Body):
    """What the save cost the person: seconds of work and clicks since the last one.

    Where pre-labels of the model `model_id` were shown: how many points were `confirmed` as they were, how many
    `corrected`, and by how many pixels in all.
    """

    seconds: float = Field(default=0, ge=0, le=86_400, allow_inf_nan=False)
    clicks: int = Field(default=0, ge=0, le=1_000_000)
    model_id: UUID | None = None
    confirmed: int = Field(default=0, ge=0, le=100_000)
    corrected: int = Field(default=0, ge=0, le=100_000)
    correction_px: float = Field(default=0, ge=0, le=1e9, allow_inf_nan=False)


class LabelsIn(Body):
    changes: list[PointChange] = Field(default_factory=list, max_length=5000)
    frame_state: Literal["todo", "draft", "submitted", "accepted"] | None = None
    effort: Effort | None = None

    @model_validator(mode="after")
    def _each_point_once(self) -> Self:
        keys = [change.key for change in self.changes]
        if len(set(keys)) != len(keys):
            raise ValueError("a point occurs twice among the changes")
        return self


class PointOut(Reply):
    """`model_id` names the model whose pre-label a person took over unchanged; null where they placed it."""

    individual_id: UUID
    keypoint_id: UUID
    x: float | None
    y: float | None
    state: PointStateName
    model_id: UUID | None = None


class LabelsOut(Reply):
    frame_id: UUID
    version: int
    points: list[PointOut]

    @classmethod
    def of(cls, frame_id: UUID, version: int, points: Points) -> Self:
        return cls(frame_id=frame_id, version=version, points=points_out(points))


class PointChangeOut(Reply):
    individual_id: UUID
    keypoint_id: UUID
    x: float | None = None
    y: float | None = None
    state: PointStateName | None
    model_id: UUID | None = None


class HistoryEntry(Reply):
    """One save, with the points it changed."""

    version: int
    user: str | None
    created_at: datetime
    changes: list[PointChangeOut]


class History(Reply):
    items: list[HistoryEntry]
    next_cursor: str | None


def points_out(points: Points) -> list[PointOut]:
    return [PointOut(**_ids(key), **value) for key, value in points.items()]


def changes_out(changes: Points) -> list[PointChangeOut]:
    return [PointChangeOut(**_ids(key), **(value or {"state": None})) for key, value in changes.items()]


def _ids(key: str) -> dict[str, Any]:
    individual, keypoint = key.split("/")
    return {"individual_id": individual, "keypoint_id": keypoint}
