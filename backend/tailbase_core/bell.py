"""The doorbell: tells idle workers that a queue has work. Losing a ring costs time, never a job."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, quote, urlsplit

import structlog
from celery import Celery
from sqlalchemy.orm import Session

from tailbase_core.database import REDIS, after_commit

TASK = "tailbase.ring"
_TIMEOUT = 0.5
_EXPIRES = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Ring:
    redis_url: str
    queue: str

    def __call__(self) -> None:
        ring(self.redis_url, self.queue)


def ring_after_commit(session: Session, queue: str) -> None:
    """Ring on the session's Redis, once however many jobs the transaction queued."""
    if url := session.info.get(REDIS):
        after_commit(session, _Ring(url, queue))


def ring(redis_url: str, queue: str) -> None:
    """Ring once. A broker that does not answer is logged: the reaper rings again."""
    try:
        producer = _producer(redis_url)
        producer.send_task(TASK, args=[queue], queue=queue, retry=False, ignore_result=True, expires=_EXPIRES)
    except Exception as error:  # whatever the broker raises, the job's row is already committed
        log.warning("bell_not_heard", queue=queue, error=type(error).__name__)


@lru_cache(maxsize=4)
def _producer(redis_url: str) -> Celery:
    app = Celery("tailbase", broker=broker_url(redis_url), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        broker_connection_timeout=_TIMEOUT,
        broker_transport_options={
            "socket_timeout": _TIMEOUT,
            "socket_connect_timeout": _TIMEOUT,
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0,
            "connect_retries_timeout": _TIMEOUT,
        },
    )
    return app


def broker_url(redis_url: str) -> str:
    """Celery's spelling of a Redis URL: a socket is `redis+socket://`, with the database as `virtual_host`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = parse_qs(parts.query)
    password = parts.password or query.get("password", [""])[0]
    user = f":{quote(password, safe='')}@" if password else ""
    return f"redis+socket://{user}{parts.path}?virtual_host={query.get('db', ['0'])[0]}"
