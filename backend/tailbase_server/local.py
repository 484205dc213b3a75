"""Tailbase on one machine: the servers that no URL in the settings replaces, the API and a worker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, func, select

from tailbase_core.database import make_engine, make_sessions, transaction
from tailbase_core.errors import Conflict, Unavailable
from tailbase_core.settings import Settings, environment
from tailbase_core.tables import Worker
from tailbase_migrations import upgrade
from tailbase_server import lock, processes
from tailbase_server.embedded import postgres, private, redis
from tailbase_server.links import new_link
from tailbase_server.supervisor import Supervisor

READY_SECONDS = 180.0
# A worker hands its job back when it is asked to stop, which may take an upload.
WORKER_GRACE_SECONDS = 20.0
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104

Say = Callable[[str], None]


@dataclass(frozen=True)
class Local:
    """A running installation. `new_link` makes a one-time login link and says whether it is for the first owner."""

    settings: Settings
    url: str
    new_link: Callable[[], tuple[str, str]]


@contextmanager
def running(settings: Settings, host: str, port: int, say: Say) -> Iterator[Local]:
    """Start everything and wait until it answers; stop it at the end of the block, whatever ends it."""
    url = f"http://{'127.0.0.1' if host in EVERYWHERE else host}:{port}"
    _stop_on_signals()
    with lock.held(settings.data_dir, f"process {os.getpid()} serves {url}"), Supervisor(say) as supervisor:
        check_free(host, port)
        _start_servers(supervisor, settings, say)
        settings = _complete(settings, url)
        engine = make_engine(settings, pool_size=1)
        upgrade(engine)
        reported = _worker_reports(engine)
        say("Starting the API and a worker")
        variables = _variables(settings)
        supervisor.start("api", partial(_start_api, settings.data_dir, host, port, variables))
        supervisor.start("worker", partial(_start_worker, settings.data_dir, variables))
        _wait_until_healthy(supervisor, url, reported, settings.data_dir / "logs")
        engine.dispose()
        yield Local(settings, url, partial(_new_link, settings))
        say("Stopping")


def check_free(host: str, port: int) -> None:
    """Refuse a port that another program listens on, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise Conflict(
                "server.port_taken", f"Port {port} of {host} cannot be used ({reason}). Choose another with --port."
            ) from None


def _complete(settings: Settings, url: str) -> Settings:
    """The settings with everything that a cluster would have been told."""
    data = settings.data_dir
    known: dict[str, object] = {}
    if not settings.database_url.get_secret_value():
        known["database_url"] = SecretStr(postgres.url(data))
    if not settings.redis_url.get_secret_value():
        known["redis_url"] = SecretStr(redis.url(data))
    if not settings.secret_key.get_secret_value():
        known["secret_key"] = SecretStr(private.kept_secret(data / "secrets" / "signing"))
    if "public_url" not in settings.model_fields_set:
        known["public_url"] = url
    return settings.model_copy(update=known)


def _start_servers(supervisor: Supervisor, settings: Settings, say: Say) -> None:
    data = settings.data_dir
    if not settings.database_url.get_secret_value():
        say("Starting Postgres")
        supervisor.start("postgres", partial(postgres.start, data))
    if not settings.redis_url.get_secret_value():
        say("Starting Redis")
        supervisor.start("redis", partial(redis.start, data))


def _variables(settings: Settings) -> dict[str, str]:
    weights = {"weights_dir": str(settings.weights_dir)} if settings.weights_dir else {}
    return environment(
        data_dir=str(settings.data_dir),
        database_url=settings.database_url.get_secret_value(),
        redis_url=settings.redis_url.get_secret_value(),
        secret_key=settings.secret_key.get_secret_value(),
        public_url=settings.public_url,
        roots=":".join(str(root) for root in settings.roots),
        **weights,
    )


def _start_api(data: Path, host: str, port: int, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tailbase_api", "--host", host, "--port", str(port)]
    return processes.start(command, log=data / "logs" / "api.log", environment=variables)


def _start_worker(data: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tailbase_worker"]
    log = data / "logs" / "worker.log"
    return processes.start(command, log=log, environment=variables, grace=WORKER_GRACE_SECONDS)


def _worker_reports(engine: Engine) -> Callable[[], bool]:
    """Asks whether a worker reported since this call: what one said before a quick restart still looks healthy."""
    with engine.connect() as connection:
        began = connection.scalar(select(func.now()))

    def reported() -> bool:
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).where(Worker.seen_at > began)) != 0

    return reported


def _wait_until_healthy(supervisor: Supervisor, url: str, reported: Callable[[], bool], logs: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    said: str | None = "no answer"
    while time.monotonic() < deadline and not supervisor.hopeless():
        if (said := _health(url)) is None and reported():
            return
        time.sleep(0.2)
    guilty = supervisor.hopeless() or ["api", "worker"]
    ends = "\n".join(f"{name}.log: {processes.tail(logs / f'{name}.log')}" for name in guilty)
    raise Unavailable(
        f"Tailbase did not become ready ({said or 'no worker reported'}). The logs in {logs} end with:\n{ends}"
    )


def _health(url: str) -> str | None:
    """What is wrong, or None where every part answers."""
    try:
        reply = httpx.get(f"{url}/api/v1/health", timeout=5)
    except httpx.TransportError as error:
        return str(error)
    return None if reply.status_code == httpx.codes.OK else reply.text


def _new_link(settings: Settings) -> tuple[str, str]:
    engine = make_engine(settings, pool_size=1)
    with transaction(make_sessions(engine)) as session:
        link = new_link(session)
    engine.dispose()
    return link


def _stop_on_signals() -> None:
    """End as Ctrl-C does when a service manager or a closed terminal asks."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
