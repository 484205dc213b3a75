"""What passes between the queue and those who use it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tailbase_core.errors import TailbaseError

LOG_TAIL_CHARACTERS = 16_000

AWAITS = "awaits"
"""In the spec of a waiting job: ids of jobs that are not its children and must end first."""


@dataclass(frozen=True)
class Claim:
    """A job a worker holds. (`job_id`, `attempt`) is the fence every write of that worker carries."""

    job_id: UUID
    attempt: int
    kind: str
    project_id: UUID
    spec: dict[str, Any]
    user_id: UUID | None = None
    parent_id: UUID | None = None
    checkpoint_key: str | None = None
    priority: int = 1


@dataclass(frozen=True)
class Part:
    """A child to be of a job that waits for it."""

    kind: str
    spec: dict[str, Any]
    title: str


@dataclass(frozen=True)
class Succeeded:
    """`artifacts` are files to download: ``{"name", "key", "size_bytes", "content_type"}``."""

    result: dict[str, Any] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Failed:
    code: str
    detail: str


@dataclass(frozen=True)
class Cancelled:
    detail: str = "The job was cancelled."


Outcome = Succeeded | Failed | Cancelled


class CancelAsked(TailbaseError):
    """The job was cancelled while its worker finished it: nothing is published."""

    status, code, title = 409, "job.cancelled", "The job was cancelled"
