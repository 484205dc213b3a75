"""The embedded servers: private, durable, and never left behind."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from tailbase_core.errors import Unavailable
from tailbase_server import processes
from tailbase_server.embedded import Servers, binaries, identity, postgres, private, redis, start_servers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a folder 'with' spaces")


@pytest.fixture
def running(folder: Path) -> Iterator[Servers]:
    started = start_servers(folder)
    yield started
    started.stop()


def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


Ask = Callable[[Callable[[], bool]], bool]


def _processes_on(folder: Path) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if any(str(folder) in w for w in p.info["cmdline"] or [])]


def test_both_servers_keep_what_was_written_over_a_restart(folder: Path) -> None:
    first = start_servers(folder)
    _query(first.database_url, "create table kept (x int); insert into kept values (7)")
    with Redis.from_url(first.redis_url) as client:
        client.set("kept", "7")
    first.stop()
    second = start_servers(folder)
    with Redis.from_url(second.redis_url) as client:
        assert client.get("kept") == b"7"
    assert _query(second.database_url, "select x from kept") == [(7,)]
    second.stop()


def test_commits_are_flushed_to_disk(running: Servers) -> None:
    assert _query(running.database_url, "select current_setting('fsync'), current_setting('synchronous_commit')") == [
        ("on", "on")
    ]


def test_neither_server_listens_on_the_network(running: Servers, folder: Path) -> None:
    assert [c for p in _processes_on(folder) for c in p.net_connections("inet") if c.status == "LISTEN"] == []


def test_neither_server_lets_anyone_in_without_the_password(running: Servers) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password"):
        _query(running.database_url.replace("tailbase:", "tailbase:x"), "select 1")
    with (
        Redis.from_url(running.redis_url.replace("unix://:", "unix://:x")) as client,
        pytest.raises(AuthenticationError),
    ):
        client.ping()


def test_secrets_and_sockets_are_readable_by_their_owner_only(running: Servers, folder: Path) -> None:
    secrets = sorted((folder / "secrets").iterdir())
    assert [path.name for path in secrets] == ["postgres", "redis"]
    assert {path.stat().st_mode & 0o077 for path in (*secrets, private.socket_dir(folder))} == {0}


def test_the_folders_above_the_data_keep_their_permissions(tmp_path: Path) -> None:
    above = tmp_path / "closed"
    above.mkdir(mode=0o700)
    start_servers(above / "data").stop()
    assert above.stat().st_mode & 0o777 == 0o700
    assert above.stat().st_uid == os.getuid()


def test_a_long_data_path_still_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a folder with a rather long name"] * 5)
    deep.mkdir(parents=True)
    assert len(str(private.socket_dir(deep) / ".s.PGSQL.5432")) < 107


@pytest.mark.parametrize("start", [postgres.start, redis.start])
def test_a_server_starts_again_after_it_was_killed(
    start: Callable[[Path], subprocess.Popen[bytes]], folder: Path
) -> None:
    first = start(folder)
    psutil.Process(first.pid).children()[0].kill()
    first.wait(10)
    second = start(folder)
    processes.stop(second)
    assert second.returncode == 0


def test_a_pid_file_that_names_another_living_process_does_not_stop_the_start(folder: Path) -> None:
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    processes.stop(postgres.start(folder))


def test_the_servers_end_when_the_process_that_started_them_is_killed(tmp_path: Path, eventually: Ask) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tailbase_server.embedded import start_servers\n"
        f"start_servers(Path({str(tmp_path)!r})); print('started', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    assert _processes_on(tmp_path / "postgres")
    parent.kill()
    parent.communicate()
    assert eventually(lambda: _processes_on(tmp_path / "postgres") + _processes_on(tmp_path / "redis") == [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_root_runs_postgres_as_another_user_where_user_namespaces_are_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(identity, "NAMESPACE", ["false"])
    server = postgres.start(closed)
    owner = psutil.Process(server.pid).children()[0].uids().real
    processes.stop(server)
    assert owner == int(identity.NOBODY)
    monkeypatch.undo()
    processes.stop(postgres.start(closed))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")
@pytest.mark.parametrize("user", [65534, 54321], ids=["with a name", "without a name"])
def test_an_ordinary_user_starts_both_servers(user: int) -> None:
    ordinary = "import tempfile, pathlib; from tailbase_server.embedded import start_servers\n"
    ordinary += "with tempfile.TemporaryDirectory() as folder: start_servers(pathlib.Path(folder)).stop()"
    reach = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    # The interpreter may lie under root's private folders; reading them is the only right that is added.
    reach += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    done = subprocess.run([*reach, sys.executable, "-c", ordinary], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_data_of_a_postgres_that_is_not_installed_are_refused_with_its_version(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(Unavailable, match="Postgres 9"):
        binaries.postgres_bin(tmp_path)
