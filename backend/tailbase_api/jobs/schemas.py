"""Jobs on the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tailbase_api.schemas import Reply

JobState = Literal["waiting", "queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
JobKind = Literal[
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
]


class ArtifactOut(Reply):
    name: str
    size_bytes: int
    url: str


class JobOut(Reply):
    """`progress` is {stage, done, total, eta_s?}; a failed job says why in `error_code` and `error_detail`."""

    id: UUID
    project_id: UUID
    kind: JobKind
    title: str
    state: JobState
    priority: int
    progress: dict[str, Any]
    error_code: str | None
    error_detail: str | None
    attempt: int
    worker: str | None
    result: dict[str, Any]
    artifacts: list[ArtifactOut]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class PartOut(Reply):
    """A job that another one waits for."""

    id: UUID
    kind: JobKind
    title: str
    state: JobState
    progress: dict[str, Any]
    error_detail: str | None


class JobDetail(JobOut):
    """With the end of the log, which lists leave out for its size, and the jobs it waits for, at most 200."""

    log_tail: str
    parts: list[PartOut]


class JobReply(Reply):
    job: JobOut


class JobsReply(Reply):
    jobs: list[JobOut]


class JobEventOut(Reply):
    """`kind` is state, progress, metric or log; `id` grows, so that `after` asks for what came later."""

    id: int
    attempt: int
    kind: str
    data: dict[str, Any]
    created_at: datetime


class JobEvents(Reply):
    items: list[JobEventOut]
