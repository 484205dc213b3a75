"""Live news as server-sent events, from a real server with real connections."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from redis import Redis
from sqlalchemy import delete, text

from tailbase_api.events import hub, service
from tailbase_core import news
from tailbase_core.settings import Settings
from tailbase_core.tables import Membership


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    with Redis.from_url(settings.redis_url.get_secret_value()) as connected:
        yield connected


class Stream:
    """An open stream, read one event at a time: (name, id, data)."""

    def __init__(self, reply: httpx.Response) -> None:
        self.reply = reply
        self.lines = reply.iter_lines()

    def next(self) -> tuple[str, str, Any]:
        """Raises StopIteration when the stream has ended."""
        fields = {"event": "message"}
        for line in self.lines:
            if not line and "data" in fields:
                return fields["event"], fields["id"], json.loads(fields["data"])
            name, _, value = line.partition(": ")
            fields[name] = value
        raise StopIteration


@contextmanager
def listening(address: str, person: Any, last: str | None = None) -> Iterator[Stream]:
    headers = {"Authorization": f"Bearer {person.token}"} | ({} if last is None else {"Last-Event-ID": last})
    with httpx.Client(timeout=10) as client, client.stream("GET", f"{address}/api/v1/events", headers=headers) as reply:
        assert reply.status_code == 200
        yield Stream(reply)


def test_a_member_hears_what_happens_in_their_projects_and_nothing_else(address: str, world: Any, redis: Redis) -> None:
    ada = world.person()
    place, other = world.project(ada), world.project(world.person())
    with listening(address, ada) as stream:
        assert stream.next()[0] == "connected"
        news.publish(redis, other.id, "job", uuid4())
        news.publish(redis, place.id, "frame", thing := uuid4())
        name, event_id, data = stream.next()
    assert (name, data) == ("message", {"project_id": str(place.id), "topic": "frame", "id": str(thing)})
    assert event_id


def test_a_saved_label_is_news_once_it_is_stored(address: str, world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    change = {"individual_id": str(place.individual), "keypoint_id": str(place.keypoints["nose"]), "state": "absent"}
    with listening(address, ada) as stream, httpx.Client() as client:
        stream.next()
        headers = {"Authorization": f"Bearer {ada.token}", "If-Match": '"v0"'}
        path = f"{address}/api/v1{place.path}/frames/{frame}/labels"
        assert client.patch(path, json={"changes": [change]}, headers=headers).status_code == 200
        heard = {stream.next()[2]["topic"], stream.next()[2]["topic"]}
    assert heard == {"frame", "labels"}


def test_a_stream_goes_on_where_it_was_cut(address: str, world: Any, redis: Redis) -> None:
    ada = world.person()
    place = world.project(ada)
    news.publish(redis, place.id, "job", "earlier")
    with listening(address, ada) as stream:
        last = stream.next()[1]
    for thing in ("first", "second"):
        news.publish(redis, place.id, "job", thing)
    with listening(address, ada, last) as stream:
        assert [stream.next()[2].get("id") for _ in range(3)] == ["first", "second", None]
        news.publish(redis, place.id, "job", "third")
        assert stream.next()[2]["id"] == "third"


@pytest.mark.parametrize("last", ["1-1", "nonsense", "99999999999999-0"])
def test_a_stream_whose_place_is_no_longer_known_says_that_news_were_missed(
    address: str, world: Any, redis: Redis, last: str
) -> None:
    ada = world.person()
    news.publish(redis, world.project(ada).id, "job", "earlier")
    with listening(address, ada, last) as stream:
        assert stream.next()[0] == "missed"


def test_what_strangers_put_into_redis_is_left_out(address: str, world: Any, redis: Redis) -> None:
    ada = world.person()
    place = world.project(ada)
    with listening(address, ada) as stream:
        stream.next()
        redis.xadd(news.STREAM, {"project": "not an id", "topic": b"\xff"})
        redis.xadd(news.STREAM, {"surprise": "1"})
        news.publish(redis, place.id, "job", "real")
        assert stream.next()[2]["id"] == "real"


def test_a_removed_member_stops_hearing(
    address: str, world: Any, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RECHECK_SECONDS", 0.2)
    place = world.project(world.person())
    ada = world.member(place, "viewer")
    stays = world.project(ada)
    with listening(address, ada) as stream:
        stream.next()
        with world.sessions.begin() as session:
            session.execute(delete(Membership).where(Membership.user_id == ada.id, Membership.project_id == place.id))
        threading.Event().wait(0.6)
        news.publish(redis, place.id, "job", "secret")
        news.publish(redis, stays.id, "job", "own")
        assert stream.next()[2]["id"] == "own"


def test_a_stream_ends_when_its_token_is_revoked(address: str, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RECHECK_SECONDS", 0.2)
    ada = world.person()
    with listening(address, ada) as stream:
        stream.next()
        own = ada.get("/me/tokens").json()
        token = (own["items"] if isinstance(own, dict) else own)[0]["id"]
        assert ada.delete(f"/me/tokens/{UUID(token)}").status_code in (200, 204)
        with pytest.raises(StopIteration):
            stream.next()


def test_one_person_opens_only_so_many_streams(address: str, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_STREAMS", 1)
    ada = world.person()
    with listening(address, ada) as stream, httpx.Client() as client:
        stream.next()
        reply = client.get(f"{address}/api/v1/events", headers={"Authorization": f"Bearer {ada.token}"})
        assert reply.status_code == 429
        assert reply.headers["retry-after"]


def test_a_stranger_hears_nothing(address: str) -> None:
    with httpx.Client() as client:
        assert client.get(f"{address}/api/v1/events").status_code == 401


def test_open_streams_hold_no_database_connection(address: str, world: Any, settings: Settings) -> None:
    people = [world.person() for _ in range(3)]
    with (
        listening(address, people[0]) as one,
        listening(address, people[1]) as two,
        listening(address, people[2]) as three,
    ):
        for stream in (one, two, three):
            stream.next()
        with world.sessions() as session:
            idle = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
            assert session.scalar(text(idle)) == 0
