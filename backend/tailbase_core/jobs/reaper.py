"""Repairs, run by every worker: whoever gets the advisory lock does them for all."""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from tailbase_core import bell
from tailbase_core.jobs.ending import end, settle_parent
from tailbase_core.jobs.fenced import count_loss
from tailbase_core.jobs.values import Cancelled, Failed
from tailbase_core.settings import JobLimits
from tailbase_core.tables import Job

REAPER_LOCK = 7_316_001
BATCH = 200

# Longest time one attempt may run. Far above healthy work: a cut-off that kills a healthy job is worse than none.
WALL_HOURS = {"ingest": 12, "proxy": 24, "frames": 12, "train": 24 * 14, "predict": 24 * 7}
WALL_HOURS_OTHERS = 24

WORKER_LOST = Failed(
    "worker_lost", "The computer that worked on this stopped several times. See the job's log, then start it again."
)
TOO_LONG = Failed("job.too_long", "The job ran longer than its kind may. Try a shorter video or fewer epochs.")


def reap(session: Session, limits: JobLimits) -> dict[str, int]:
    """Counts of what was repaired; nothing when another worker is at it."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(REAPER_LOCK))):
        return {}
    return {
        "lost": _requeue_lost(session, limits.attempts),
        "cancelled": _end_unanswered_cancels(session),
        "too_long": _end_too_long(session),
        "settled": _settle_waiting(session),
        "rung": _ring_again(session, limits.ring_again_seconds),
    }


def _requeue_lost(session: Session, attempts: int) -> int:
    lost = _locked(select(Job).where(Job.state == "running", Job.lease_until < func.now()), session)
    for job in lost:
        count_loss(session, job, WORKER_LOST, attempts)
    return len(lost)


def _end_unanswered_cancels(session: Session) -> int:
    silent = _locked(select(Job).where(Job.state == "cancelling", Job.lease_until < func.now()), session)
    for job in silent:
        end(session, job, "cancelled", code="job.cancelled", detail=Cancelled().detail)
    return len(silent)


def _end_too_long(session: Session) -> int:
    # The worker learns it at its next heartbeat, which answers that the lease is lost, and kills the child.
    late = [
        job
        for kind, hours in [*WALL_HOURS.items(), (None, WALL_HOURS_OTHERS)]
        for job in _locked(
            select(Job).where(
                Job.state == "running",
                Job.started_at < func.now() - timedelta(hours=hours),
                Job.kind == kind if kind else Job.kind.not_in(WALL_HOURS),
            ),
            session,
        )
    ]
    for job in late:
        end(session, job, "failed", code=TOO_LONG.code, detail=TOO_LONG.detail)
    return len(late)


def _settle_waiting(session: Session) -> int:
    waiting = session.scalars(select(Job.id).where(Job.state == "waiting").order_by(Job.created_at).limit(BATCH)).all()
    for job_id in waiting:
        settle_parent(session, job_id)
    return len(waiting)


def _ring_again(session: Session, after_seconds: float) -> int:
    """Ring for queues with jobs nobody claimed: the bell is lost when Redis restarts or a process dies early."""
    unheard = (
        select(Job.id)
        .where(Job.state == "queued", Job.rung_at < func.now() - timedelta(seconds=after_seconds))
        .order_by(Job.priority, Job.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rung = update(Job).where(Job.id.in_(unheard.scalar_subquery())).values(rung_at=func.now()).returning(Job.queue)
    queues = session.scalars(rung.execution_options(synchronize_session=False)).all()
    for queue in set(queues):
        bell.ring_after_commit(session, queue)
    return len(queues)


def _locked(query: Select[Job], session: Session) -> list[Job]:
    rows = session.scalars(query.order_by(Job.id).limit(BATCH).with_for_update(skip_locked=True))
    return list(cast(Iterable[Job], rows))
