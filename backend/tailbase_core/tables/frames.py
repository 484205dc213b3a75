"""Frames to label and what people said about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Id, Json, JsonList, Table, Time


class Frame(Table):
    """An image to label: of a video (with `frame_index`) or of an image set (`source_path` only).

    `context_keys` are the images of the neighbours, a list of ``{"offset": -2, "key": ...}``. `origin` says how it
    was chosen: kmeans, uniform, confidence, jumps, fitting, pca, disagreement, manual or import.
    """

    __tablename__ = "frames"
    __table_args__ = (
        CheckConstraint("state in ('todo','draft','submitted','accepted')", name="state"),
        Index("ix_frames_project", "project_id", "created_at", "id"),
        Index(
            "uq_frames_video_index",
            "video_id",
            "frame_index",
            unique=True,
            postgresql_where="video_id is not null and deleted_at is null",
        ),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    video_id: Mapped[UUID | None] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    frame_index: Mapped[int | None]
    source_path: Mapped[str | None]
    image_key: Mapped[str | None]
    thumbnail_key: Mapped[str | None]
    context_keys: Mapped[JsonList]
    width: Mapped[int | None]
    height: Mapped[int | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    state: Mapped[str]
    origin: Mapped[str]
    score: Mapped[float | None]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # Labels the frame too, into a set of their own, to measure how far two people differ.
    second_rater_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # What a reviewer said when they returned the frame.
    note: Mapped[str | None]
    # Why nobody labels it.
    skipped: Mapped[str | None]
    created_at: Mapped[Created]
    deleted_at: Mapped[Time | None]


class LabelSet(Table):
    """One rater's labels of one frame.

    `points` maps ``"<individual id>/<keypoint id>"`` to ``{"x": float | null, "y": float | null, "state": "visible"}``
    with state visible, occluded or absent; a key that is not there is not labelled yet. A point that was taken over
    from a pre-label names its model too, as ``"model_id"``. `version` counts saves.
    """

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("frame_id", "rater_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    frame_id: Mapped[UUID] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    # None is the project's shared label set; a second rater of the same frame has a set of their own.
    rater_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    points: Mapped[Json]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class LabelEvent(Table):
    """Append-only: each save with the points it changed (null for a point that was cleared)."""

    __tablename__ = "label_events"
    __table_args__ = (UniqueConstraint("labels_id", "version"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    labels_id: Mapped[UUID] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))
    version: Mapped[int]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    effort: Mapped[Json]
    created_at: Mapped[Created]
