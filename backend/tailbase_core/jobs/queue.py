"""Into the queue and out of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase_core.jobs.moves import move, tell
from tailbase_core.jobs.values import Claim
from tailbase_core.tables import Job, ProjectTurn, Worker

# A free worker has taken an interactive job long before.
GIVE_WAY_SECONDS = 5.0


def enqueue(
    session: Session,
    *,
    project_id: UUID,
    user_id: UUID | None,
    kind: str,
    spec: dict[str, Any],
    title: str = "",
    priority: int = 1,
    queue: str = "default",
    parent_id: UUID | None = None,
    waiting: bool = False,
) -> Job:
    """A queued job; the bell rings after the caller's commit. `priority` 0 means that a person waits for it.

    A `waiting` one is queued when its children have succeeded and the jobs that its spec awaits have ended; the
    caller makes them in the same transaction.
    """
    job = Job(
        project_id=project_id,
        user_id=user_id,
        kind=kind,
        spec=spec,
        title=title,
        priority=priority,
        queue=queue,
        parent_id=parent_id,
        state="waiting" if waiting else "queued",
        attempt=0,
        losses=0,
        rung_at=func.now(),
        # Not now(): jobs of one transaction keep their order.
        created_at=func.clock_timestamp(),
    )
    session.add(job)
    session.flush()
    tell(session, job)
    return job


def claim(
    session: Session, worker: str, queues: Sequence[str], lease_seconds: float, kinds: Sequence[str] | None = None
) -> Claim | None:
    """The next job for `worker`, or None. Interactive jobs first, then the project served longest ago, then age."""
    if (job := session.scalar(_next(worker, queues, kinds))) is None:
        return None
    _take_turn(session, job)
    job.attempt += 1
    job.worker = worker
    job.started_at = func.now()
    job.lease_until = func.now() + timedelta(seconds=lease_seconds)
    move(session, job, "running")
    return Claim(
        job_id=job.id,
        attempt=job.attempt,
        kind=job.kind,
        project_id=job.project_id,
        spec=job.spec,
        user_id=job.user_id,
        parent_id=job.parent_id,
        checkpoint_key=job.checkpoint_key,
        priority=job.priority,
    )


def _next(worker: str, queues: Sequence[str], kinds: Sequence[str] | None) -> Any:
    paused = exists().where(Worker.name == worker, Worker.paused)
    turn = (ProjectTurn.project_id == Job.project_id) & (ProjectTurn.queue == Job.queue)
    query = (
        select(Job)
        .outerjoin(ProjectTurn, turn)
        .where(Job.state == "queued", Job.queue.in_(queues), ~paused)
        .order_by(Job.priority, ProjectTurn.last_turn.asc().nulls_first(), Job.created_at, Job.id)
        .limit(1)
        .with_for_update(of=Job, skip_locked=True)
    )
    return query if kinds is None else query.where(Job.kind.in_(kinds))


def _take_turn(session: Session, job: Job) -> None:
    turn = insert(ProjectTurn).values(project_id=job.project_id, queue=job.queue, last_turn=func.clock_timestamp())
    session.execute(
        turn.on_conflict_do_update(
            index_elements=[ProjectTurn.project_id, ProjectTurn.queue], set_={"last_turn": turn.excluded.last_turn}
        )
    )


def should_give_way(session: Session, claim: Claim, queues: Sequence[str]) -> bool:
    """Whether a person has waited for some seconds behind this batch job, for no other worker was free."""
    if claim.priority == 0:
        return False
    waits = select(Job.id).where(
        Job.state == "queued",
        Job.priority == 0,
        Job.queue.in_(queues),
        Job.created_at < func.now() - timedelta(seconds=GIVE_WAY_SECONDS),
    )
    return session.scalar(waits.limit(1)) is not None
