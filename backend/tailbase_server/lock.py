"""One data folder has one supervisor."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tailbase_core.errors import Conflict


@contextmanager
def held(data_dir: Path, who: str) -> Iterator[None]:
    """Hold the folder for this process; the kernel lets go of it when the process ends, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data_dir / "supervisor.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Conflict(
                "server.running",
                f"Tailbase already runs on {data_dir}: {file.read().strip() or 'it is just starting'}.",
            ) from None
        file.truncate(0)
        file.write(who)
        file.flush()
        yield
