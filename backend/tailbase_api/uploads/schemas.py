"""Part-wise uploads."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from tailbase_api.jobs.schemas import JobOut
from tailbase_api.schemas import Body, Reply
from tailbase_api.videos.schemas import VideoOut


class UploadIn(Body):
    """`filename` is for people and for the name pattern; where the file is stored does not depend on it."""

    filename: str = Field(min_length=1, max_length=1000)
    size_bytes: int = Field(ge=0, le=2**50)
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    purpose: Literal["video", "import"] = "video"


class PartUrl(Reply):
    """PUT the bytes of part `number`, counted from 1, here."""

    number: int
    url: str
    size: int


class PartReceived(Reply):
    number: int
    size: int


class UploadOut(Reply):
    """`parts` are those still to be sent."""

    upload_id: UUID
    video_id: UUID | None
    purpose: str
    filename: str
    size_bytes: int
    part_bytes: int
    parts_total: int
    received: list[PartReceived]
    parts: list[PartUrl]


class UploadDone(Reply):
    """A video and the job that looks at it, or an archive to import."""

    upload_id: UUID
    video: VideoOut | None = None
    job: JobOut | None = None
