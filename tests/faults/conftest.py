"""The worker's world of tests/worker, on servers of this folder's own that may be killed."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis import Redis
from sqlalchemy import Engine

from tailbase_core.database import make_engine, make_sessions
from tailbase_core.settings import JobLimits, Settings
from tailbase_core.storage import make_store
from tailbase_migrations import upgrade
from tailbase_server import processes
from tailbase_server.embedded import postgres, redis

_found = importlib.util.spec_from_file_location("worker_world", Path(__file__).parents[1] / "worker" / "conftest.py")
assert _found is not None
assert _found.loader is not None
worker_world = importlib.util.module_from_spec(_found)
_found.loader.exec_module(worker_world)


@dataclass
class Killable:
    """Postgres and Redis that can be killed and started again."""

    folder: Path
    running: dict[str, Any]

    def kill(self, name: str) -> None:
        """kill -9 of the server itself, as the kernel's memory killer would."""
        guard = psutil.Process(self.running[name].pid)
        for process in guard.children(recursive=True):
            # The first one that is killed takes others with it.
            with suppress(psutil.NoSuchProcess):
                if name in process.name():
                    process.kill()
        self.running[name].wait(30)

    def start(self, name: str) -> None:
        self.running[name] = {"postgres": postgres, "redis": redis}[name].start(self.folder)


@pytest.fixture(scope="module")
def killable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    servers = Killable(tmp_path_factory.mktemp("servers"), {})
    for name in ("postgres", "redis"):
        servers.start(name)
    yield servers
    for process in servers.running.values():
        processes.stop(process)


@pytest.fixture(scope="module")
def faulty(killable: Killable) -> Settings:
    """Settings of the killable servers with leases so short that a test can wait for them."""
    folder = killable.folder
    settings = Settings(
        data_dir=folder / "data",
        database_url=postgres.url(folder),
        redis_url=redis.url(folder),
        secret_key="a key for tests only, which is long enough",
        jobs=JobLimits(lease_seconds=5, heartbeat_seconds=1, reap_seconds=1, ring_again_seconds=2),
    )
    engine = make_engine(settings, pool_size=1)
    upgrade(engine)
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def faulty_engine(faulty: Settings) -> Iterator[Engine]:
    engine = make_engine(faulty, pool_size=5)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def lab(faulty: Settings, faulty_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A project on the killable servers."""
    sessions = make_sessions(faulty_engine, faulty.redis_url.get_secret_value())
    return worker_world.World(sessions, make_store(faulty), tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def first_worker(faulty: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A worker for what comes before the faults."""
    for start in worker_world.workers(faulty, tmp_path_factory.mktemp("first")):
        yield start("first")


@pytest.fixture
def start_worker(faulty: Settings, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    yield from worker_world.workers(faulty, tmp_path)


@pytest.fixture
def flush_redis(faulty: Settings) -> Callable[[], None]:
    def flush() -> None:
        with Redis.from_url(faulty.redis_url.get_secret_value()) as client:
            client.flushall()

    return flush
