"""Our own Postgres: made by initdb, reached by a private socket and a password, no TCP."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql

from tailbase_core.errors import Unavailable
from tailbase_server import processes
from tailbase_server.embedded import binaries, identity, private

USER = "tailbase"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Containers give /dev/shm 64 MB; our queries are small, so none needs parallel workers' shared memory.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
START_SECONDS = 30.0


def url(data_dir: Path) -> str:
    """Where the server of this data folder is reached, running or not."""
    return f"postgresql://{USER}:{_password(data_dir)}@/{USER}?host={private.socket_dir(data_dir)}"


def start(data_dir: Path) -> subprocess.Popen[bytes]:
    """Start Postgres on `data_dir`/postgres, making the database at the first start, and wait until it answers."""
    data = data_dir.resolve() / "postgres"
    data.mkdir(parents=True, exist_ok=True)
    program = binaries.postgres_bin(data)
    sockets = private.socket_dir(data_dir)
    password = _password(data_dir)
    before = identity.prefix(program / "postgres", data)
    if not (data / "PG_VERSION").exists():
        _initdb(program / "initdb", before, data, _secret(data_dir))
    identity.give(data, before)
    _remove_stale(data)
    command = [*before, str(program / "postgres"), "-D", str(data), "-k", str(sockets), *_options()]
    process = _start_twice(command, data_dir / "logs" / "postgres.log", sockets, password)
    _create_database(sockets, password)
    return process


def _secret(data_dir: Path) -> Path:
    return data_dir.resolve() / "secrets" / "postgres"


def _password(data_dir: Path) -> str:
    return private.kept_secret(_secret(data_dir))


def _options() -> list[str]:
    return [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]


def _initdb(program: Path, before: list[str], data: Path, secret: Path) -> None:
    """Make the cluster in a neighbouring folder and rename it, so that a killed initdb leaves nothing half made."""
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    identity.give(fresh, before)
    options = ["-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C"]
    done = subprocess.run(
        [*before, str(program), "-D", str(fresh), *options], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Unavailable(f"Postgres could not make its database in {data}: {done.stderr.strip()[-600:]}")
    data.rmdir()
    fresh.rename(data)


def _remove_stale(data: Path) -> None:
    """Deal with the pid file of a Postgres that was killed. We hold the data folder, so nobody else may run on it."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    words = pid_file.read_text().split()
    if words and words[0].isdigit() and _is_postgres_on(int(words[0]), data):
        orphan = psutil.Process(int(words[0]))
        orphan.send_signal(signal.SIGINT)
        orphan.wait(START_SECONDS)
    pid_file.unlink(missing_ok=True)


def _is_postgres_on(pid: int, data: Path) -> bool:
    """Whether the process is ours: in a container the same small number may by now be anything."""
    try:
        return str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _start_twice(command: list[str], log: Path, sockets: Path, password: str) -> subprocess.Popen[bytes]:
    """Start and wait until it answers. After a kill -9 the first start may fail on what the dead one still held."""
    for _attempt in range(2):
        process = processes.start(command, log=log, stop=signal.SIGINT)
        if _answers(process, sockets, password):
            return process
        processes.stop(process)
    raise Unavailable(f"Postgres did not start. The end of {log}:\n{processes.tail(log)}")


def _answers(process: subprocess.Popen[bytes], sockets: Path, password: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg2.connect(host=str(sockets), user=USER, password=password, dbname="postgres").close()
        except psycopg2.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _create_database(sockets: Path, password: str) -> None:
    connection = psycopg2.connect(host=str(sockets), user=USER, password=password, dbname="postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = %s", (USER,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("create database {}").format(sql.Identifier(USER)))
    finally:
        connection.close()
