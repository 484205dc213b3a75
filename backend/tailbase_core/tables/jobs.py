"""The queue and its story, and the workers that serve it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Id, Json, JsonList, Table, Time

KINDS = (
    "ingest",
    "proxy",
    "frames",
    "train",
    "predict",
    "ensemble",
    "prelabel",
    "evaluate",
    "heatmap",
    "import",
    "import_predictions",
    "calibration",
    "export",
)
STATES = ("waiting", "queued", "running", "cancelling", "succeeded", "failed", "cancelled")
ENDED = ("succeeded", "failed", "cancelled")


class Job(Table):
    """The row is the truth; Celery only rings. (id, attempt) is the fence every write of a worker carries."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"state in ({', '.join(repr(s) for s in STATES)})", name="state"),
        Index("ix_jobs_project", "project_id", "created_at", "id"),
        Index("ix_jobs_queue", "queue", "priority", "created_at", postgresql_where="state = 'queued'"),
        Index("ix_jobs_lease", "lease_until", postgresql_where="state in ('running','cancelling')"),
        Index("ix_jobs_parent", "parent_id"),
    )
    # Times are set by the database clock and read back at once, so that a row can be shown after the commit.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    kind: Mapped[str]
    queue: Mapped[str] = mapped_column(default="default", server_default="default")
    # 0 is interactive (a person waits), 1 is batch.
    priority: Mapped[int] = mapped_column(default=1, server_default="1")
    spec: Mapped[Json]
    title: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str]
    # Claims so far. It only grows, so that a late write of any earlier holder is refused.
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    # Attempts that ended without an outcome; a worker that hands a job back in order loses none.
    losses: Mapped[int] = mapped_column(default=0, server_default="0")
    lease_until: Mapped[Time | None]
    worker: Mapped[str | None]
    progress: Mapped[Json]
    checkpoint_key: Mapped[str | None]
    result: Mapped[Json]
    artifacts: Mapped[JsonList]
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    log_tail: Mapped[str] = mapped_column(default="", server_default="")
    rung_at: Mapped[Time | None]
    started_at: Mapped[Time | None]
    ended_at: Mapped[Time | None]
    created_at: Mapped[Created]


class JobEvent(Table):
    """A row of the story: `kind` is state, progress, metric or log."""

    __tablename__ = "job_events"
    __table_args__ = (Index("ix_job_events_job", "job_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    kind: Mapped[str]
    data: Mapped[Json]
    created_at: Mapped[Created]


class ProjectTurn(Table):
    """When a project last had a job claimed in a queue: the oldest turn goes next."""

    __tablename__ = "project_turns"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)
    last_turn: Mapped[Time]


class Worker(Table):
    """A worker process that reported within the last minute; `paused` stops it from claiming."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]
    paused: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
