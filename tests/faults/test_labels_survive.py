"""A label that was answered with 2xx survives whatever happens to Postgres."""

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from tailbase_api.main import create_app
from tailbase_core.database import make_engine
from tailbase_core.security import token_hash
from tailbase_core.settings import Settings
from tailbase_core.tables import (
    ApiToken,
    Frame,
    Individual,
    Keypoint,
    LabelEvent,
    LabelSet,
    Membership,
    Project,
    User,
)
from tailbase_migrations import upgrade
from tailbase_server import processes
from tailbase_server.embedded import postgres, redis

TOKEN = "tb_faults"
KILLS = 8


@dataclass(frozen=True)
class Place:
    """A project with one keypoint and frames to label."""

    project: UUID
    keypoint: UUID
    individual: UUID
    frames: tuple[UUID, ...]


def make_place(engine: Engine, frames: int) -> Place:
    ids = [uuid4() for _ in range(frames)]
    user, project, keypoint, animal = uuid4(), uuid4(), uuid4(), uuid4()
    with Session(engine) as session, session.begin():
        session.add(User(id=user, email="ada@lab.example", name="Ada", password_hash=None))
        session.add(Project(id=project, name="Reaching"))
        session.flush()
        session.add(ApiToken(user_id=user, name="t", prefix="tb_", token_hash=token_hash(TOKEN), expires_at=None))
        session.add(Membership(project_id=project, user_id=user, role="annotator"))
        session.add(Keypoint(id=keypoint, project_id=project, name="nose", color="#4477aa", position=0))
        session.add(Individual(id=animal, project_id=project, name="animal"))
        session.add_all(Frame(id=i, project_id=project, state="todo", origin="manual") for i in ids)
    return Place(project, keypoint, animal, tuple(ids))


@dataclass
class Writer:
    """Saves again and again, and notes each version that was acknowledged with the x it placed."""

    client: TestClient
    place: Place
    frame: UUID
    stop: threading.Event
    acknowledged: dict[int, float] = field(default_factory=dict)

    def run(self) -> None:
        path = f"/api/v1/projects/{self.place.project}/frames/{self.frame}/labels"
        version, x = 0, 0.0
        while not self.stop.is_set():
            x += 1
            reply = self.client.patch(path, json=self.body(x), headers={"If-Match": f'"v{version}"'})
            if reply.status_code == 200:
                version = reply.json()["version"]
                self.acknowledged[version] = x
            elif reply.status_code == 412:
                version = reply.json()["current"]["version"]
            else:
                assert reply.status_code == 503, reply.text
                time.sleep(0.02)

    def body(self, x: float) -> dict[str, Any]:
        ids = {"individual_id": str(self.place.individual), "keypoint_id": str(self.place.keypoint)}
        return {"changes": [{**ids, "x": x, "y": 1, "state": "visible"}]}


class Power:
    """A Postgres and a Redis of this test's own, the first of which it may kill and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started = [redis.start(folder), postgres.start(folder)]
        self.settings = Settings(
            data_dir=folder,
            database_url=postgres.url(folder),
            redis_url=redis.url(folder),
            secret_key="a key for tests only, which is long enough",
        )

    def interrupt(self, how: signal.Signals) -> None:
        """SIGKILL to every process is a power cut, SIGQUIT what `pg_ctl stop -m immediate` sends."""
        server = psutil.Process(int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0]))
        everything = [server, *server.children(recursive=True)]
        for process in everything if how == signal.SIGKILL else [server]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(how)
        psutil.wait_procs(everything, timeout=20)
        self.started.append(postgres.start(self.folder))

    def stop(self) -> None:
        for process in reversed(self.started):
            processes.stop(process)


@pytest.fixture
def power(tmp_path: Path) -> Iterator[Power]:
    on = Power(tmp_path)
    yield on
    on.stop()


@contextlib.contextmanager
def working(writers: list[Writer]) -> Iterator[None]:
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        writers[0].stop.set()
        for thread in threads:
            thread.join(30)


@pytest.mark.slow
def test_every_acknowledged_save_is_there_after_postgres_was_killed_again_and_again(
    power: Power, eventually: Callable[..., bool]
) -> None:
    engine = make_engine(power.settings)
    upgrade(engine)
    place = make_place(engine, frames=3)
    engine.dispose()
    stop = threading.Event()
    dice = random.Random(0)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with TestClient(create_app(power.settings), raise_server_exceptions=False, headers=headers) as client:
        writers = [Writer(client, place, frame, stop) for frame in place.frames]
        with working(writers):
            for kill in range(KILLS):
                before = sum(len(writer.acknowledged) for writer in writers)
                assert eventually(lambda n=before: sum(len(w.acknowledged) for w in writers) > n + 5)
                time.sleep(dice.uniform(0, 0.2))
                power.interrupt((signal.SIGKILL, signal.SIGQUIT)[kill % 2])
    check_all_are_stored(power.settings, place, writers)


def check_all_are_stored(settings: Settings, place: Place, writers: list[Writer]) -> None:
    engine = make_engine(settings)
    events = select(LabelSet.frame_id, LabelEvent.version, LabelEvent.changes).join(LabelSet)
    key = f"{place.individual}/{place.keypoint}"
    with Session(engine) as session:
        stored = {(e.frame_id, e.version): e.changes[key]["x"] for e in session.execute(events)}
    engine.dispose()
    acknowledged = {(w.frame, version): x for w in writers for version, x in w.acknowledged.items()}
    assert len(acknowledged) > 5 * KILLS
    assert {item: stored.get(item) for item in acknowledged} == acknowledged


def test_a_save_whose_commit_fails_is_never_answered_with_success(settings: Settings, engine: Engine) -> None:
    place = make_place(engine, frames=1)
    writer_path = f"/api/v1/projects/{place.project}/frames/{place.frames[0]}/labels"
    refuse = "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$"
    trigger = """create constraint trigger refuse after insert on label_events
        deferrable initially deferred for each row execute function refuse()"""
    with engine.begin() as connection:
        connection.execute(text(refuse))
        connection.execute(text(trigger))
    headers = {"Authorization": f"Bearer {TOKEN}", "If-Match": '"v0"'}
    try:
        with TestClient(create_app(settings), raise_server_exceptions=False, headers=headers) as client:
            body = Writer(client, place, place.frames[0], threading.Event()).body(1)
            assert client.patch(writer_path, json=body).status_code == 500
            assert client.get(writer_path).json()["version"] == 0
    finally:
        with engine.begin() as connection:
            connection.execute(text("drop function refuse cascade"))
