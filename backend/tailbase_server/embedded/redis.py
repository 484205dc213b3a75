"""Our own Redis: a private socket, a password, and every write kept in an append-only file."""

import os
import subprocess
import time
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


def url(data_dir: Path) -> str:
    """Where the server of this data folder is reached, running or not."""
    return f"unix://:{_password(data_dir)}@{_socket(data_dir)}?db=0"


def start(data_dir: Path) -> subprocess.Popen[bytes]:
    """Start Redis on `data_dir`/redis and wait until it answers."""
    data = data_dir.resolve() / "redis"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = _socket(data_dir)
    socket.unlink(missing_ok=True)
    # In a file and not on the command line, where every user of the machine could read the password.
    config = data / "redis.conf"
    with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(_CONFIG.format(socket=socket, password=_password(data_dir), data=_escaped(data)))
    log = data_dir / "logs" / "redis.log"
    process = processes.start([str(binaries.redis_server()), str(config)], log=log)
    if not _answers(process, url(data_dir)):
        processes.stop(process)
        raise Unavailable(f"Redis did not start. The end of {log}:\n{processes.tail(log)}")
    return process


def _socket(data_dir: Path) -> Path:
    return private.socket_dir(data_dir) / "redis.sock"


def _password(data_dir: Path) -> str:
    return private.kept_secret(data_dir.resolve() / "secrets" / "redis")


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
