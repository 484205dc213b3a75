"""Trained networks, ensembles of them, and what either predicts."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Id, Json, Table, Time


class Model(Table):
    """`spec` is a TrainSpec; `snapshot_key` the frozen labels it was trained on; `artifact_key` the folder's prefix.

    `metrics` holds the errors of the splits; curves are job events of `job_id`.
    """

    __tablename__ = "models"
    __table_args__ = (
        CheckConstraint("state in ('queued','training','ready','failed','cancelled')", name="state"),
        Index("ix_models_project", "project_id", "created_at", "id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    preset: Mapped[str | None]
    state: Mapped[str]
    spec: Mapped[Json]
    skeleton: Mapped[Json]
    snapshot_key: Mapped[str | None]
    label_summary: Mapped[Json]
    artifact_key: Mapped[str | None]
    sha256: Mapped[str | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    metrics: Mapped[Json]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("models.id", ondelete="SET NULL"))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    deleted_at: Mapped[Time | None]


class Ensemble(Table):
    """Several models, and how their predictions become one smoothed track: `settings` is a SmoothSpec.

    `job_id` is the work that makes its first members and predictions, where they were asked for together.
    """

    __tablename__ = "ensembles"
    __table_args__ = (Index("ix_ensembles_project", "project_id", "created_at", "id"),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    settings: Mapped[Json]
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    deleted_at: Mapped[Time | None]


class EnsembleMember(Table):
    """`position` is the member's place, from 0."""

    __tablename__ = "ensemble_members"

    ensemble_id: Mapped[UUID] = mapped_column(ForeignKey("ensembles.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[UUID] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]


class Prediction(Table):
    """The poses that a model or an ensemble finds in a video: a Parquet file and the block the browser reads by range.

    An ensemble has a second block, `variance_key`: how uncertain x and y are.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        CheckConstraint("state in ('queued','running','ready','failed','cancelled')", name="state"),
        CheckConstraint("num_nonnulls(model_id, ensemble_id) = 1", name="source"),
        Index("uq_predictions_model_video", "model_id", "video_id", unique=True, postgresql_where="deleted_at is null"),
        Index(
            "uq_predictions_ensemble_video",
            "ensemble_id",
            "video_id",
            unique=True,
            postgresql_where="deleted_at is null",
        ),
        Index("ix_predictions_project", "project_id", "created_at", "id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    model_id: Mapped[UUID | None] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"))
    ensemble_id: Mapped[UUID | None] = mapped_column(ForeignKey("ensembles.id", ondelete="CASCADE"))
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]
    parquet_key: Mapped[str | None]
    block_key: Mapped[str | None]
    variance_key: Mapped[str | None]
    frame_count: Mapped[int | None]
    individuals: Mapped[int | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    summary: Mapped[Json]
    provenance: Mapped[Json]
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    deleted_at: Mapped[Time | None]
