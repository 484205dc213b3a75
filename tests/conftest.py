"""What many tests share: one Postgres and one Redis for the whole run, and an empty database for each test."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_socket import socket_allow_hosts
from redis import Redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core.database import make_engine, make_sessions
from tailbase_core.settings import Settings
from tailbase_core.tables import Table
from tailbase_migrations import upgrade
from tailbase_server.embedded import Servers, start_servers

ROOT = Path(__file__).resolve().parents[1]
SECRET_KEY = "a key for tests only, which is long enough"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, so that no process is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _no_network() -> None:
    """Tests may talk to this machine only."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def eventually() -> Callable[..., bool]:
    """`eventually(question, seconds=20)`: ask again and again until the answer is yes or the time has passed."""

    def ask(question: Callable[[], bool], seconds: float = 20) -> bool:
        deadline = time.monotonic() + seconds
        while not (answer := question()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return answer

    return ask


@pytest.fixture(scope="session")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of a copy of the sources, so that the checkout gets no build folder."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    for name in ("backend", "worker", "migrations"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(source / "dist"),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Embedded Postgres and Redis, started at the first test that needs them."""
    with tempfile.TemporaryDirectory(prefix="tailbase tests ", ignore_cleanup_errors=True) as folder:
        running = start_servers(Path(folder))
        yield running
        running.stop()


@pytest.fixture(scope="session")
def _template(servers: Servers) -> str:
    """A migrated database to copy, which takes a tenth of a second where migrating takes several."""
    _execute(servers, "create database migrated")
    engine = make_engine(Settings(database_url=_url(servers, "migrated")), pool_size=1)
    upgrade(engine)
    engine.dispose()
    return "migrated"


@pytest.fixture(scope="module")
def database_url(servers: Servers, _template: str) -> Iterator[str]:
    """A migrated database of this module's own."""
    name = f"test_{uuid4().hex}"
    _execute(servers, f"create database {name} template {_template}")
    yield _url(servers, name)
    _execute(servers, f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def _engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(Settings(database_url=database_url), pool_size=20)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(servers: Servers, database_url: str, _engine: Engine, tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own, every table empty and an empty Redis."""
    _empty(_engine)
    with Redis.from_url(servers.redis_url) as client:
        client.flushdb()
    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        redis_url=servers.redis_url,
        secret_key=SECRET_KEY,
    )


@pytest.fixture
def engine(settings: Settings, _engine: Engine) -> Engine:
    """The engine of the test's database, emptied by `settings`."""
    return _engine


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


def _empty(engine: Engine) -> None:
    """Delete every row. Few rows are there, and for few rows DELETE is ten times faster than TRUNCATE."""
    with engine.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        for table in reversed(Table.metadata.sorted_tables):
            connection.execute(table.delete())


def _url(servers: Servers, name: str) -> str:
    return servers.database_url.replace("/tailbase?", f"/{name}?")


def _execute(servers: Servers, statement: str) -> None:
    """Run a statement that may not stand in a transaction."""
    url = Settings(database_url=servers.database_url).sqlalchemy_url
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
