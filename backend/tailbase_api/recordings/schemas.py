"""Recordings and file-name patterns."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from tailbase.schema import Name
from tailbase_api.projects.schemas import Pattern
from tailbase_api.schemas import Body, Fields, Reply


class RecordingIn(Body):
    name: Name
    animal: Name | None = None
    session: Name | None = None
    rig: Name | None = None
    condition: Name | None = None
    fields: Fields = Field(default_factory=dict)


class RecordingPatch(Body):
    """What is left out stays; null clears."""

    name: Name | None = None
    animal: Name | None = None
    session: Name | None = None
    rig: Name | None = None
    condition: Name | None = None
    fields: Fields | None = None


class RecordingOut(Reply):
    id: UUID
    name: str
    animal: str | None
    session: str | None
    rig: str | None
    condition: str | None
    fields: dict[str, str]
    created_at: datetime


class CameraOut(Reply):
    """`place` is where the camera stands, in the unit of the calibration."""

    name: str
    focal_px: list[float]
    centre_px: list[float]
    place: list[float]


class CalibrationOut(Reply):
    filename: str
    cameras: list[CameraOut]


class RecordingDetail(RecordingOut):
    videos: int
    calibration: CalibrationOut | None


class CalibrationIn(Body):
    """The text of a calibration file: TOML of Anipose, or YAML or JSON of OpenCV."""

    filename: Annotated[str, Field(pattern=r"(?i)^[^/\\\x00-\x1f]{1,200}\.(toml|ya?ml|json)$")]
    text: Annotated[str, Field(min_length=1, max_length=1_000_000)]


FileName = Annotated[str, Field(min_length=1, max_length=1000)]


class PreviewIn(Body):
    pattern: Pattern
    names: list[FileName] = Field(max_length=500)


class PreviewOut(Reply):
    """`fields` is null where the pattern does not fit; the view is among them."""

    name: str
    fields: dict[str, str] | None
