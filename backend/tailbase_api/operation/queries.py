"""SQL that tells whether the parts are alive."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tailbase_core.tables import Worker

SEEN_WITHIN = timedelta(seconds=60)


def worker_seen(session: Session) -> bool:
    """Whether any worker, paused or not, reported within the last minute."""
    return session.scalar(select(Worker.name).where(Worker.seen_at > func.now() - SEEN_WITHIN).limit(1)) is not None
