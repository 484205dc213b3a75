"""Videos."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tailbase.schema import Name
from tailbase_api.jobs.schemas import JobOut
from tailbase_api.recordings.schemas import RecordingOut
from tailbase_api.schemas import Body, Reply

VideoState = Literal["uploading", "processing", "ready", "rejected"]


class Crop(Body):
    """A fixed part of every frame, in pixels of the original: the part of it that networks see."""

    x: int = Field(ge=0, le=1_000_000)
    y: int = Field(ge=0, le=1_000_000)
    width: int = Field(ge=1, le=1_000_000)
    height: int = Field(ge=1, le=1_000_000)


class VideoPatch(Body):
    """What is left out stays; null clears view and crop."""

    name: str | None = Field(default=None, min_length=1, max_length=300)
    recording_id: UUID | None = None
    view: Name | None = None
    crop: Crop | None = None


class CameraTimesIn(Body):
    """Seconds of every frame of a camera, by a clock that the other cameras of its recording share."""

    filename: str = Field(min_length=1, max_length=300)
    seconds: list[float] = Field(min_length=2, max_length=5_000_000)


class CameraTimes(Reply):
    filename: str
    first: float
    last: float


class VideoOut(Reply):
    """A rejected video says why in `error_code` and `error_detail`. `fps` is a fraction such as 30000/1001."""

    id: UUID
    name: str
    recording: RecordingOut
    view: str | None
    state: VideoState
    error_code: str | None
    error_detail: str | None
    in_place: bool
    root: str | None
    relative_path: str | None
    size_bytes: int | None
    sha256: str | None
    frame_count: int | None
    fps: str | None
    fps_value: float | None
    width: int | None
    height: int | None
    duration_s: float | None
    codec: str | None
    crop: Crop | None
    camera_times: CameraTimes | None
    has_proxy: bool
    poster_url: str | None
    created_at: datetime


class ProxyOut(Reply):
    """`url` plays in a browser; while it is made, `job` tells how far it is."""

    url: str | None = None
    frame_count: int | None = None
    fps: str | None = None
    job: JobOut | None = None


class SourceOut(Reply):
    url: str
