"""Live news for open pages: a short Redis stream of what changed. Readers fetch the thing itself from the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from tailbase_core.database import REDIS, after_commit

STREAM = "tailbase:news"
KEPT = 10_000
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
        publish(_client(self.redis_url), self.project_id, self.topic, self.thing)


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


def listen(redis: Redis, after: str = "$", block_ms: int = 5_000) -> Iterator[News | None]:
    """News after `after` (an event id, or "$" for the future), for ever; None when `block_ms` passed in silence."""
    last = after
    while True:
        replies = cast(Any, redis.xread({STREAM: last}, count=500, block=block_ms))
        for _, entries in replies or []:
            for event_id, fields in entries:
                last = _text(event_id)
                yield _news(last, {_text(key): _text(value) for key, value in fields.items()})
        if not replies:
            yield None


def _news(event_id: str, fields: dict[str, str]) -> News:
    return News(event_id, UUID(fields["project"]), fields["topic"], fields["id"])


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT)
