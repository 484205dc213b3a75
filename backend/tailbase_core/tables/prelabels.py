"""What a network proposes for frames that nobody has labelled yet, round by round."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Json, Table, Time


class Prelabel(Table):
    """A model's points in one frame.

    `points` maps ``"<individual id>/<keypoint id>"`` to ``{"x": float, "y": float, "likelihood": float}``. `benefit`
    says how much a label of the frame should help, from 0 to 1. `jump_px` is how far the points lie from the middle of
    where they are in the frames before and after, which tells where the model is not steady.
    """

    __tablename__ = "prelabels"
    __table_args__ = (
        Index("ix_prelabels_model", "model_id", "benefit", "frame_id"),
        Index("ix_prelabels_project", "project_id"),
    )

    frame_id: Mapped[UUID] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[UUID] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    points: Mapped[Json]
    benefit: Mapped[float] = mapped_column(default=0.0, server_default="0")
    jump_px: Mapped[float | None]
    created_at: Mapped[Created]


class PrelabelRound(Table):
    """One short training for pre-labels.

    `labels` counts the finished frames when it was asked for. `error_px` is the model's mean error in the `held_out`
    labelled frames that no round learns from; both are unknown until it is `ready_at`.
    """

    __tablename__ = "prelabel_rounds"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    model_id: Mapped[UUID] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"), index=True)
    labels: Mapped[int]
    held_out: Mapped[int] = mapped_column(default=0, server_default="0")
    error_px: Mapped[float | None]
    created_at: Mapped[Created]
    ready_at: Mapped[Time | None]
