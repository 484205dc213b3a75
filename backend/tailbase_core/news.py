"""Live news for open pages: a short Redis stream of what changed. Readers fetch the thing itself from the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy.orm import Session

from tailbase_core.database import REDIS, after_commit

STREAM = "tailbase:news"
KEPT = 10_000
BEGINNING = "0-0"
_TIMEOUT = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class News:
    """`event_id` orders all news and is where a reader resumes; `topic` is job, video, frame, model, ..."""

    event_id: str
    project_id: UUID
    topic: str
    id: str


@dataclass(frozen=True)
class _Telling:
    redis_url: str
    project_id: UUID
    topic: str
    thing: UUID | str

    def __call__(self) -> None:
        publish(client(self.redis_url), self.project_id, self.topic, self.thing)


def tell(session: Session, project_id: UUID, topic: str, thing: UUID | str) -> None:
    """Publish on the session's Redis once the session has committed."""
    if url := session.info.get(REDIS):
        after_commit(session, _Telling(url, project_id, topic, thing))


def publish(redis: Redis, project_id: UUID, topic: str, thing: UUID | str) -> None:
    """Never raises: pages also refresh by themselves."""
    news = {"project": str(project_id), "topic": topic, "id": str(thing)}
    try:
        redis.xadd(STREAM, cast(Any, news), maxlen=KEPT, approximate=True)
    except RedisError as error:
        log.warning("news_not_told", topic=topic, error=type(error).__name__)


def listen(redis: Redis, after: str, block_ms: int = 5_000) -> Iterator[News | None]:
    """News after the event id `after`, for ever; None when `block_ms` passed in silence."""
    last = after
    while True:
        replies = cast(Any, redis.xread({STREAM: last}, count=500, block=block_ms))
        for _, entries in replies or []:
            yield from _readable(entries)
            last = _text(entries[-1][0])
        if not replies:
            yield None


def latest(redis: Redis) -> str:
    """The event id of the last news, to listen from."""
    entries = cast(Any, redis.xrevrange(STREAM, count=1))
    return _text(entries[0][0]) if entries else BEGINNING


def since(redis: Redis, event_id: str) -> list[News] | None:
    """The news after `event_id`; None when some of them are no longer kept."""
    kept = cast(Any, redis.xrange(STREAM, min=event_id, count=2 * KEPT))
    if event_id == BEGINNING:
        return list(_readable(kept)) if len(kept) < KEPT else None
    if not kept or _text(kept[0][0]) != event_id:
        return None
    return list(_readable(kept[1:]))


def _readable(entries: Any) -> Iterator[News]:
    """Entries as news. What others have put into the stream is left out."""
    for event_id, fields in entries:
        named = {_text(key): _text(value) for key, value in fields.items()}
        try:
            yield News(_text(event_id), UUID(named["project"]), named["topic"], named["id"])
        except (KeyError, ValueError):
            log.warning("news_unreadable", event_id=_text(event_id))


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


@lru_cache(maxsize=4)
def client(url: str) -> Redis:
    """For publishing: it gives up after half a second instead of trying again."""
    patience = {"socket_timeout": _TIMEOUT, "socket_connect_timeout": _TIMEOUT}
    return Redis.from_url(url, **patience, retry=Retry(NoBackoff(), 0))
