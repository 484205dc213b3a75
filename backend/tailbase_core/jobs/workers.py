"""The workers that serve the queue."""

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase_core import bell
from tailbase_core.errors import NotFound
from tailbase_core.tables import Worker


def seen(session: Session, name: str, device: str, version: str) -> bool:
    """Note that a worker lives; answers whether it is paused."""
    row = insert(Worker).values(name=name, device=device, version=version, seen_at=func.now())
    stay = {"device": row.excluded.device, "version": row.excluded.version, "seen_at": row.excluded.seen_at}
    note = row.on_conflict_do_update(index_elements=[Worker.name], set_=stay).returning(Worker.paused)
    return bool(session.scalar(note))


def set_paused(session: Session, name: str, paused: bool) -> Worker:
    """A paused worker finishes the job it has and claims no other."""
    change = update(Worker).where(Worker.name == name).values(paused=paused).returning(Worker)
    if (worker := session.scalar(change)) is None:
        raise NotFound("worker")
    if not paused:
        bell.ring_after_commit(session, "default")
    return worker


def list_workers(session: Session) -> list[Worker]:
    """All workers that ever reported, the latest first."""
    return list(session.scalars(select(Worker).order_by(Worker.seen_at.desc(), Worker.name).limit(200)).all())
