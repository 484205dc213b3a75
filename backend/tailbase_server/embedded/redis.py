"""Our own Redis: a private socket, a password, and every write kept in an append-only file."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tailbase_core.errors import Unavailable
from tailbase_server import processes
from tailbase_server.embedded import binaries, private

START_SECONDS = 30.0
_CONFIG = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
requirepass {password}
dir "{data}"
pidfile "{data}/redis.pid"
appendonly yes
appendfsync everysec
save ""
daemonize no
"""


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]
    stop: Callable[[], None]


def start(data_dir: Path) -> Server:
    """Start Redis on `data_dir`/redis."""
    data = data_dir.resolve() / "redis"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = private.kept_secret(data_dir / "secrets" / "redis")
    socket = private.socket_dir(data_dir) / "redis.sock"
    socket.unlink(missing_ok=True)
    # In a file and not on the command line, where every user of the machine could read the password.
    config = data / "redis.conf"
    with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(_CONFIG.format(socket=socket, password=password, data=_escaped(data)))
    log = data_dir / "logs" / "redis.log"
    process = processes.start([str(binaries.redis_server()), str(config)], log=log)
    url = f"unix://:{password}@{socket}?db=0"
    if not _answers(process, url):
        processes.stop(process)
        raise Unavailable(f"Redis did not start. The end of {log}:\n{processes.tail(log)}")
    return Server(url, process, lambda: processes.stop(process))


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    with Redis.from_url(url) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return True
    return False
