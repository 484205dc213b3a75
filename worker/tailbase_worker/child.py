"""One run of a verb of the library in a process of its own, read line by line."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

LINE_BYTES = 16 * 1024**2
_KILL_WAIT = 10.0


class ChildFailed(Exception):
    """The verb refused its input: a code and a sentence for the user."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class ChildDied(Exception):
    """A signal ended the child: the kernel's memory killer, a crash, or somebody's kill -9."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"signal {signal_number}")
        self.signal_number = signal_number

    @property
    def crashed(self) -> bool:
        return self.signal_number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)

    @property
    def name(self) -> str:
        return signal.Signals(self.signal_number).name


OUT_OF_MEMORY = ChildFailed(
    "job.out_of_memory", "The computer's memory was not enough. Choose smaller images or batches."
)


@dataclass(frozen=True)
class Limits:
    """What the child may touch and use. `memory_bytes` 0 leaves its memory uncapped, `threads` 0 takes all cores."""

    readable: Sequence[Path] = ()
    writable: Sequence[Path] = ()
    memory_bytes: int = 0
    threads: int = 0
    network: bool = False


@dataclass
class Child:
    """A running child. `on_event` gets each event except the result, in the thread that calls `wait`."""

    process: "subprocess.Popen[bytes]"
    on_event: Callable[[dict[str, Any]], None]
    on_text: Callable[[str], None]
    too_slow: bool = False
    too_big: bool = False

    def wait(self, seconds: float | None = None) -> dict[str, Any]:
        """The result's values; ChildFailed or ChildDied otherwise. After `seconds` the child is killed."""
        result: dict[str, Any] | None = None
        error: ChildFailed | None = None
        errors = threading.Thread(target=self._read_errors, daemon=True)
        errors.start()
        clock = threading.Timer(seconds or threading.TIMEOUT_MAX, self._give_up)
        clock.daemon = True
        clock.start()
        try:
            for event in _events(_pipe(self.process.stdout), self.on_text):
                if event["event"] == "result":
                    result = event.get("values", {})
                elif event["event"] == "error":
                    error = ChildFailed(str(event.get("code")), str(event.get("message")))
                else:
                    self.on_event(event)
            status = self.process.wait()
        finally:
            clock.cancel()
            self.kill()
            self.process.wait()
            errors.join(_KILL_WAIT)
            _pipe(self.process.stdout).close()
        if self.too_slow:
            raise ChildFailed("video.too_slow", f"Reading it took longer than {seconds:.0f} seconds. Convert the file.")
        if self.too_big:
            raise OUT_OF_MEMORY
        return _outcome(status, result, error)

    def keep_below(self, memory_bytes: int) -> None:
        """End the child if it and what it started hold more memory; for GPUs, whose driver no limit of ours suits."""
        with suppress(psutil.Error):
            child = psutil.Process(self.process.pid)
            used = sum(process.memory_info().rss for process in (child, *child.children(recursive=True)))
            if used > memory_bytes:
                self.too_big = True
                self.kill()

    def _give_up(self) -> None:
        self.too_slow = True
        self.kill()

    def kill(self) -> None:
        """End the child and whatever it started; from any thread or signal handler, and again."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _read_errors(self) -> None:
        with _pipe(self.process.stderr) as pipe:
            while line := pipe.readline(LINE_BYTES):
                self.on_text(line.decode(errors="replace").rstrip())


def start(
    arguments: Sequence[str],
    scratch: Path,
    limits: Limits,
    on_event: Callable[[dict[str, Any]], None],
    on_text: Callable[[str], None],
) -> Child:
    """Start `tailbase <arguments>` in `scratch` with an empty environment. Call it from a thread that stays."""
    told = scratch / "limits.json"  # read before the lock closes
    told.write_text(json.dumps(_as_json(limits, scratch)))
    process = subprocess.Popen(
        [sys.executable, "-m", "tailbase_worker.sandbox.launcher", str(told), *arguments],
        cwd=scratch,
        env=_environment(scratch, limits.threads),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    return Child(process, on_event, on_text)


def _as_json(limits: Limits, scratch: Path) -> dict[str, Any]:
    return {
        "readable": [str(path) for path in limits.readable],
        "writable": [str(path) for path in (scratch, *limits.writable)],
        "memory_bytes": limits.memory_bytes,
        "network": limits.network,
        "parent": os.getpid(),
    }


def _environment(scratch: Path, threads: int) -> dict[str, str]:
    """Nothing of ours: no URL, no password, no token."""
    return ({"OMP_NUM_THREADS": str(threads)} if threads else {}) | {
        "PATH": os.defpath,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


def _events(pipe: IO[bytes], on_text: Callable[[str], None]) -> "Any":
    """Each JSON line; a line that is not one is text for the log, an endless one ends the child."""
    while line := pipe.readline(LINE_BYTES):
        if not line.endswith(b"\n") and len(line) >= LINE_BYTES:
            raise ChildFailed("job.bad_output", "The program wrote a line without end. Report this with the job's log.")
        event = _parsed(line)
        if event is None:
            on_text(line.decode(errors="replace").rstrip())
        else:
            yield event


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _outcome(status: int, result: dict[str, Any] | None, error: ChildFailed | None) -> dict[str, Any]:
    if error is not None:
        raise error
    if status < 0:
        raise ChildDied(-status)
    if status != 0 or result is None:
        raise ChildFailed("job.crashed", "The program stopped with an error. See the end of the job's log.")
    return result


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the child was started without pipes")
    return pipe
