"""The workers, and holding one back."""

from sqlalchemy.orm import Session

from tailbase_api.workers.schemas import WorkerOut
from tailbase_core import jobs as core


def every(session: Session) -> list[WorkerOut]:
    return [WorkerOut.model_validate(worker) for worker in core.list_workers(session)]


def pause(session: Session, name: str, paused: bool) -> WorkerOut:
    """A paused worker finishes what it does and takes nothing else."""
    return WorkerOut.model_validate(core.set_paused(session, name, paused))
