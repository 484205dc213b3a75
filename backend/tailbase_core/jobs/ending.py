"""Ends, and how they travel between parents and children."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core.jobs.moves import move
from tailbase_core.jobs.values import AWAITS
from tailbase_core.tables import Job
from tailbase_core.tables.jobs import ENDED

_BY_A_PERSON = "The job was cancelled."
_BY_THE_PARENT = "The job it was a part of ended."


def end(session: Session, job: Job, state: str, *, code: str | None = None, detail: str | None = None) -> None:
    """Bring a locked job to its end, its children with it, and let its parent and those who await it know."""
    move(session, job, state, code=code, detail=detail)
    if state != "succeeded":
        _cancel_children(session, job.id)
    if job.parent_id is not None:
        settle_parent(session, job.parent_id)
    awaiting = select(Job.id).where(
        Job.project_id == job.project_id, Job.state == "waiting", Job.spec[AWAITS].contains([str(job.id)])
    )
    for waiting in session.scalars(awaiting.order_by(Job.id)).all():
        settle_parent(session, waiting)


def cancel(session: Session, job: Job, detail: str = _BY_A_PERSON) -> None:
    """Cancel a job and its children: at once where nobody works on it, else its worker is asked to stop."""
    locked = session.scalar(
        select(Job).where(Job.id == job.id).with_for_update().execution_options(populate_existing=True)
    )
    if locked is None or locked.state in ENDED or locked.state == "cancelling":
        return
    if locked.state == "running":
        move(session, locked, "cancelling")
        _cancel_children(session, locked.id)
    else:
        end(session, locked, "cancelled", code="job.cancelled", detail=detail)


def settle_parent(session: Session, parent_id: UUID) -> None:
    """Queue a waiting job whose children all succeeded and whose awaited jobs ended; end one that cannot proceed."""
    # Children that end at the same moment wait here for each other, so that the last one sees them all.
    parent = session.scalar(
        select(Job)
        .where(Job.id == parent_id, Job.state == "waiting")
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if parent is None:
        return
    children = session.scalars(select(Job).where(Job.parent_id == parent_id).order_by(Job.created_at)).all()
    broken = next((child for child in children if child.state in ("failed", "cancelled")), None)
    if broken is not None:
        end(session, parent, broken.state, code=broken.error_code, detail=broken.error_detail)
    elif not children and AWAITS not in parent.spec:
        end(session, parent, "failed", code="job.no_parts", detail="The parts of this job are gone. Start it again.")
    elif all(child.state == "succeeded" for child in children) and _nothing_awaited(session, parent):
        move(session, parent, "queued")
    else:
        done = sum(child.state == "succeeded" for child in children)
        parent.progress = {"stage": "parts", "done": done, "total": len(children)} if children else {}


def _nothing_awaited(session: Session, job: Job) -> bool:
    ids = [UUID(one) for one in job.spec.get(AWAITS, [])]
    living = select(Job.id).where(Job.id.in_(ids), Job.project_id == job.project_id, Job.state.not_in(ENDED))
    return session.scalar(living.limit(1)) is None


def _cancel_children(session: Session, parent_id: UUID) -> None:
    living = select(Job).where(Job.parent_id == parent_id, Job.state.not_in(ENDED)).order_by(Job.id)
    for child in session.scalars(living).all():
        cancel(session, child, _BY_THE_PARENT)
