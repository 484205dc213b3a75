"""Engine and sessions, and the bell that rings only after a commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from tailbase_core.settings import Settings

_AFTER_COMMIT = "tailbase.after_commit"
REDIS = "tailbase.redis_url"


def make_engine(settings: Settings, *, pool_size: int | None = None) -> Engine:
    """An engine whose connections are checked before use, so that a restarted Postgres costs one short pause."""
    return create_engine(
        settings.sqlalchemy_url,
        pool_size=pool_size or settings.database_pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": "tailbase", "options": "-c timezone=UTC"},
    )


def make_sessions(engine: Engine, redis_url: str = "") -> sessionmaker[Session]:
    """Sessions that ring and publish on that Redis after a commit; without a URL they stay silent."""
    return sessionmaker(engine, expire_on_commit=False, info={REDIS: redis_url})


@contextmanager
def transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session that commits at the end and rolls back on any error."""
    with sessions.begin() as session:
        yield session


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Run `call` once the session has committed, equal calls only once; forget it if the session rolls back."""
    cast(dict[Callable[[], None], None], session.info.setdefault(_AFTER_COMMIT, {}))[call] = None


@event.listens_for(Session, "after_commit")
def _run_calls(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; nothing is committed yet
        return
    for call in session.info.pop(_AFTER_COMMIT, {}):
        call()


@event.listens_for(Session, "after_soft_rollback")
def _forget_calls(session: Session, previous: SessionTransaction) -> None:
    if not previous.nested:
        session.info.pop(_AFTER_COMMIT, None)
