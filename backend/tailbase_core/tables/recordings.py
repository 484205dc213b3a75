"""Recordings and their videos, and uploads under way."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Id, Json, Table, Time


class Recording(Table):
    """One moment of filming: one or more videos. `fields` holds what the lab adds to the four usual ones.

    `calibration` says what is in the calibration file: its name, and the cameras with their focal lengths.
    """

    __tablename__ = "recordings"
    __table_args__ = (Index("ix_recordings_project", "project_id", "created_at", "id"),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    animal: Mapped[str | None]
    session: Mapped[str | None]
    rig: Mapped[str | None]
    condition: Mapped[str | None]
    fields: Mapped[Json]
    calibration_key: Mapped[str | None]
    calibration: Mapped[Json]
    created_at: Mapped[Created]
    deleted_at: Mapped[Time | None]


class Video(Table):
    """Where it lies: `blob_key` (a blob of ours) or `root` and `relative_path` (in place, read only).

    `fps` is the fraction `fps_num / fps_den`; `times_key` names the time-stamp index where frames are not evenly
    spaced; `camera_times_key` the seconds of every frame by a clock that cameras share, which somebody gave, and
    `camera_times` their file's name, first and last; `error_code` and `error_detail` say why a video was rejected.
    """

    __tablename__ = "videos"
    __table_args__ = (
        CheckConstraint("state in ('uploading','processing','ready','rejected')", name="state"),
        Index("ix_videos_project", "project_id", "created_at", "id"),
        Index("ix_videos_recording", "recording_id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    view_id: Mapped[UUID | None] = mapped_column(ForeignKey("views.id", ondelete="SET NULL"))
    name: Mapped[str]
    state: Mapped[str]
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    blob_key: Mapped[str | None]
    root: Mapped[str | None]
    relative_path: Mapped[str | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    frame_count: Mapped[int | None]
    fps_num: Mapped[int | None]
    fps_den: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration_s: Mapped[float | None]
    codec: Mapped[str | None]
    times_key: Mapped[str | None]
    camera_times_key: Mapped[str | None]
    camera_times: Mapped[Json]
    proxy_key: Mapped[str | None]
    proxy_bytes: Mapped[int | None] = mapped_column(BigInteger)
    poster_key: Mapped[str | None]
    crop: Mapped[Json]
    created_at: Mapped[Created]
    deleted_at: Mapped[Time | None]


class Upload(Table):
    """An open multipart upload; it counts against the quota until it is completed or aborted."""

    __tablename__ = "uploads"

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    video_id: Mapped[UUID | None] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    filename: Mapped[str]
    blob_key: Mapped[str]
    multipart_id: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    part_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    completed_at: Mapped[Time | None]
    expires_at: Mapped[Time]
    created_at: Mapped[Created]
