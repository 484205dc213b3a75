"""What a worker may do to the job it holds. Each call carries the fence; a lost lease changes nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tailbase_core import news
from tailbase_core.errors import LeaseLost
from tailbase_core.jobs.ending import end, settle_parent
from tailbase_core.jobs.moves import move
from tailbase_core.jobs.queue import enqueue
from tailbase_core.jobs.values import (
    AWAITS,
    LOG_TAIL_CHARACTERS,
    CancelAsked,
    Cancelled,
    Claim,
    Failed,
    Outcome,
    Part,
    Succeeded,
)
from tailbase_core.tables import Job, JobEvent

_HELD = ("running", "cancelling")


def hold(session: Session, claim: Claim) -> Job:
    """The job's row, locked until the commit; LeaseLost when it belongs to someone else."""
    query = select(Job).where(Job.id == claim.job_id, Job.attempt == claim.attempt, Job.state.in_(_HELD))
    if (job := session.scalar(query.with_for_update().execution_options(populate_existing=True))) is None:
        raise LeaseLost("This job was given to another worker; nothing of this attempt is published.")
    return job


def heartbeat(
    session: Session,
    claim: Claim,
    lease_seconds: float,
    progress: dict[str, Any] | None = None,
    log_tail: str | None = None,
) -> str:
    """Prolong the lease and tell how far the job is; answers its state, which may have become `cancelling`."""
    values: dict[str, Any] = {"lease_until": func.now() + timedelta(seconds=lease_seconds)}
    if progress is not None:
        values["progress"] = progress
    if log_tail is not None:
        values["log_tail"] = log_tail[-LOG_TAIL_CHARACTERS:]
    held = (Job.id == claim.job_id) & (Job.attempt == claim.attempt) & Job.state.in_(_HELD)
    state: str | None = session.scalar(update(Job).where(held).values(**values).returning(Job.state))
    if state is None:
        raise LeaseLost("This job was given to another worker.")
    news.tell(session, claim.project_id, "job", claim.job_id)
    return state


def look(session: Session, claim: Claim) -> str:
    """The state of a held job, cheaply and without prolonging its lease."""
    held = (Job.id == claim.job_id) & (Job.attempt == claim.attempt) & Job.state.in_(_HELD)
    if (state := session.scalar(select(Job.state).where(held))) is None:
        raise LeaseLost("This job was given to another worker.")
    return state


def record(session: Session, claim: Claim, kind: str, data: dict[str, Any]) -> None:
    """Add to the job's story: a metric, a piece of log."""
    hold(session, claim)
    session.add(JobEvent(job_id=claim.job_id, attempt=claim.attempt, kind=kind, data=data))
    news.tell(session, claim.project_id, "job", claim.job_id)


def set_checkpoint(session: Session, claim: Claim, key: str) -> None:
    """The next attempt resumes from the blob `key`."""
    hold(session, claim).checkpoint_key = key


def finish(session: Session, claim: Claim, outcome: Outcome) -> None:
    """End the job. Call `hold` first where results are published in the same transaction."""
    job = hold(session, claim)
    if isinstance(outcome, Succeeded):
        if job.state == "cancelling":
            raise CancelAsked("The job was cancelled before it finished.")
        job.result, job.artifacts = outcome.result, outcome.artifacts
        end(session, job, "succeeded")
    elif isinstance(outcome, Failed) and job.state == "running":
        end(session, job, "failed", code=outcome.code, detail=outcome.detail)
    else:
        detail = outcome.detail if isinstance(outcome, Cancelled) else Cancelled().detail
        end(session, job, "cancelled", code="job.cancelled", detail=detail)


def hand_back(session: Session, claim: Claim) -> None:
    """The worker stops: back to the queue, and it does not count as a loss."""
    job = hold(session, claim)
    if job.state == "cancelling":
        end(session, job, "cancelled", code="job.cancelled", detail=Cancelled().detail)
    else:
        job.worker = None
        move(session, job, "queued")


def lose(session: Session, claim: Claim, outcome: Failed, attempts: int) -> None:
    """The child died: queue the job again at once, or fail it with `outcome` after `attempts` losses."""
    job = hold(session, claim)
    if job.state == "cancelling":
        end(session, job, "cancelled", code="job.cancelled", detail=Cancelled().detail)
    else:
        count_loss(session, job, outcome, attempts)


def count_loss(session: Session, job: Job, outcome: Failed, attempts: int) -> None:
    job.losses += 1
    if job.losses >= attempts:
        end(session, job, "failed", code=outcome.code, detail=outcome.detail)
    else:
        job.worker = None
        move(session, job, "queued")


def split(session: Session, claim: Claim, parts: list[dict[str, Any]], titles: list[str]) -> None:
    """Do the job by children, one for each spec in `parts`; it waits, and is queued to join when all succeeded."""
    wait_for(session, claim, [Part(claim.kind, spec, title) for spec, title in zip(parts, titles, strict=True)])


def wait_for(session: Session, claim: Claim, parts: Sequence[Part], others: Sequence[UUID] = ()) -> list[Job]:
    """Let the job wait for children, which are made here, and until the jobs `others` have ended, however they do."""
    job = hold(session, claim)
    if job.state == "cancelling":
        raise CancelAsked("The job was cancelled before it began.")
    kept = {name: value for name, value in job.spec.items() if name != AWAITS}
    job.spec = kept | ({AWAITS: [str(other) for other in others]} if others else {})
    move(session, job, "waiting")
    children = [
        enqueue(
            session,
            project_id=job.project_id,
            user_id=job.user_id,
            kind=part.kind,
            spec=part.spec,
            title=part.title,
            priority=job.priority,
            queue=job.queue,
            parent_id=job.id,
        )
        for part in parts
    ]
    settle_parent(session, job.id)
    return children
