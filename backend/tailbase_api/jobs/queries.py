"""SQL that reads jobs. What changes their state stands in tailbase_core.jobs."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from tailbase_core.errors import NotFound
from tailbase_core.tables import Job, JobEvent
from tailbase_core.tables.jobs import ENDED


def job(session: Session, project_id: UUID, job_id: UUID) -> Job:
    found = session.scalar(select(Job).where(Job.project_id == project_id, Job.id == job_id))
    if found is None:
        raise NotFound("job")
    return found


def jobs(project_id: UUID, state: str | None, kind: str | None) -> Select[Job]:
    """The project's jobs that were asked for by people: children of another job are left out."""
    stmt = select(Job).options(defer(Job.log_tail)).where(Job.project_id == project_id, Job.parent_id.is_(None))
    if state is not None:
        stmt = stmt.where(Job.state == state)
    if kind is not None:
        stmt = stmt.where(Job.kind == kind)
    return stmt


def parts(session: Session, job_id: UUID, limit: int) -> Sequence[Job]:
    """The children of a job, in the order they were made."""
    stmt = select(Job).options(defer(Job.log_tail)).where(Job.parent_id == job_id)
    return session.scalars(stmt.order_by(Job.created_at, Job.id).limit(limit)).all()


def unfinished(session: Session, project_id: UUID) -> int:
    stmt = select(func.count()).select_from(Job).where(Job.project_id == project_id, Job.state.not_in(ENDED))
    return session.scalar(stmt) or 0


def living(session: Session, project_id: UUID, job_ids: Collection[UUID]) -> Sequence[Job]:
    stmt = select(Job).where(Job.project_id == project_id, Job.id.in_(job_ids), Job.state.not_in(ENDED))
    return session.scalars(stmt.order_by(Job.id)).all()


def events(session: Session, job_id: UUID, after: int, kind: str | None, limit: int) -> Sequence[JobEvent]:
    stmt = select(JobEvent).where(JobEvent.job_id == job_id, JobEvent.id > after).order_by(JobEvent.id).limit(limit)
    if kind is not None:
        stmt = stmt.where(JobEvent.kind == kind)
    return session.scalars(stmt).all()
