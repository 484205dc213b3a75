"""The doorbell and the news, with and without a Redis that answers."""

import socket
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core import bell, news
from tailbase_core.database import make_sessions
from tailbase_core.settings import Settings


@pytest.fixture
def redis(settings: Settings) -> Redis:
    return Redis.from_url(settings.redis_url.get_secret_value())


def ring_in(session: Session, *queues: str) -> None:
    for queue in queues:
        bell.ring_after_commit(session, queue)


def test_a_queue_is_rung_once_after_the_commit(settings: Settings, engine: Any, redis: Redis) -> None:
    sessions = make_sessions(engine, settings.redis_url.get_secret_value())

    with sessions.begin() as session:
        ring_in(session, "default", "default", "gpu")
        before = redis.llen("default")

    assert (before, redis.llen("default"), redis.llen("gpu")) == (0, 1, 1)


def test_a_transaction_that_is_rolled_back_rings_nobody(settings: Settings, engine: Any, redis: Redis) -> None:
    sessions = make_sessions(engine, settings.redis_url.get_secret_value())

    with sessions() as session:
        session.execute(select(1))
        ring_in(session, "default")
        news.tell(session, uuid4(), "job", "1")
        session.rollback()
        session.commit()

    assert (redis.llen("default"), redis.xlen(news.STREAM)) == (0, 0)


def test_a_released_savepoint_is_no_commit(settings: Settings, engine: Any, redis: Redis) -> None:
    sessions = make_sessions(engine, settings.redis_url.get_secret_value())

    with sessions.begin() as session:
        with session.begin_nested():
            ring_in(session, "default")
        inside = redis.llen("default")

    assert (inside, redis.llen("default")) == (0, 1)


def test_a_redis_that_does_not_answer_costs_a_second_and_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        bell.ring(f"redis://127.0.0.1:{port}/0", "default")
        news.publish(news.client(f"redis://127.0.0.1:{port}"), uuid4(), "job", "1")

    assert time.monotonic() - began < 5


def test_a_redis_that_is_down_costs_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    bell.ring(f"redis://127.0.0.1:{port}/0", "default")
    news.publish(news.client(f"redis://127.0.0.1:{port}"), uuid4(), "job", "1")


def test_listeners_hear_news_in_order_and_resume_where_they_were(settings: Settings, engine: Any, redis: Redis) -> None:
    sessions = make_sessions(engine, settings.redis_url.get_secret_value())
    project = uuid4()
    for thing in ("a", "b", "b", "c"):
        with sessions.begin() as session:
            news.tell(session, project, "frame", thing)
            news.tell(session, project, "frame", thing)

    heard = [next_news(redis, "0")[number] for number in range(4)]
    rest = next_news(redis, heard[1].event_id)

    assert [(item.topic, item.id, item.project_id) for item in heard] == [
        ("frame", thing, project) for thing in ("a", "b", "b", "c")
    ]
    assert [item.id for item in rest] == ["b", "c"]


def next_news(redis: Redis, after: str) -> list[news.News]:
    found = []
    for item in news.listen(redis, after, block_ms=50):
        if item is None:
            break
        found.append(item)
    return found


@pytest.mark.parametrize(
    ("ours", "celerys"),
    [
        ("redis://h:1/2", "redis://h:1/2"),
        ("rediss://:p@h", "rediss://:p@h"),
        ("unix:///run/r.sock?db=3&password=a%2Fb", "redis+socket://:a%2Fb@/run/r.sock?virtual_host=3"),
        ("unix://:pw@/run/r.sock", "redis+socket://:pw@/run/r.sock?virtual_host=0"),
    ],
)
def test_celery_gets_the_same_redis_in_its_own_spelling(ours: str, celerys: str) -> None:
    assert bell.broker_url(ours) == celerys


def test_a_socket_with_a_password_is_rung(settings: Settings, redis: Redis, tmp_path: Path) -> None:
    url = settings.redis_url.get_secret_value()

    bell.ring(url, "default")

    assert url.startswith("unix:")
    assert redis.llen("default") == 1
