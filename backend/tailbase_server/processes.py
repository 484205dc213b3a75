"""Starts commands under the guard, and stops them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tailbase_server import guard

GRACE_SECONDS = 10.0
LOG_BYTES = 20 * 1024**2


def start(
    command: list[str],
    *,
    log: Path,
    stop: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    grace: float = GRACE_SECONDS,
) -> subprocess.Popen[bytes]:
    """Start `command` under a guard in a session of its own, so that a Ctrl-C reaches only us.

    Call it from a thread that lives as long as the command should: its end counts as the parent's death.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, stop.name, str(grace), "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes], grace: float = GRACE_SECONDS) -> None:
    """Ask a guarded command to stop and wait until it and all its children are gone."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(grace + 5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(log: Path, lines: int = 8) -> str:
    """The last lines of a log, for a message about why something did not start."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 8192))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
