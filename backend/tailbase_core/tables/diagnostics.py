"""How good models are: their errors on labelled images, and how plausible what they predict is."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Json, Table


class Evaluation(Table):
    """A model's latest errors on labels: a Parquet file of points, and a JSON summary.

    `labels` is `all` (those the model's snapshot holds) or `current` (the project's, at that moment).
    """

    __tablename__ = "evaluations"

    model_id: Mapped[UUID] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    labels: Mapped[str]
    errors_key: Mapped[str]
    summary_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_at: Mapped[Created]


class TrackMeasures(Table):
    """Measures of a predicted video that need no labels of it: a Parquet file of frames, and a JSON summary.

    `figures` holds the summary without its traces, so that lists can show them.
    """

    __tablename__ = "track_measures"

    prediction_id: Mapped[UUID] = mapped_column(ForeignKey("predictions.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    parquet_key: Mapped[str]
    summary_key: Mapped[str]
    figures: Mapped[Json]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[Created]
