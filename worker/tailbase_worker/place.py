"""A worker's name and folder on this machine, its own as long as it lives."""

import fcntl
import os
import re
import socket
from pathlib import Path

_MOST_WORKERS = 64


def take_place(data_dir: Path, wanted: str) -> tuple[str, Path]:
    """A free name and its folder: `wanted` or the host's name, numbered where a worker has it already.

    The lock is held by an open file until the process ends, however it ends.
    """
    base = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted or socket.gethostname()).strip("-.") or "worker"
    for number in range(1, _MOST_WORKERS + 1):
        name = base if number == 1 else f"{base}-{number}"
        folder = data_dir / "workers" / name
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return name, folder
    raise SystemExit(f"{_MOST_WORKERS} workers called {base} run on this machine already.")
