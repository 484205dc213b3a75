"""The heartbeat of a held job: prolongs the lease, tells how far it is, and learns that it should stop."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.database import transaction
from tailbase_core.errors import LeaseLost
from tailbase_core.jobs.values import LOG_TAIL_CHARACTERS
from tailbase_core.settings import JobLimits

Reason = Literal["cancelled", "lease_lost", "handing_back", "giving_way"]

_LOOK_SECONDS = 2.0
_EVENTS_KEPT = 10_000
_LINE_CHARACTERS = 2_000

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The job must not go on."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Pulse:
    """Runs in a thread of its own while a job is held. What the job says is kept here and sent with the next beat."""

    def __init__(self, sessions: sessionmaker[Session], claim: jobs.Claim, limits: JobLimits) -> None:
        self._sessions = sessions
        self._claim = claim
        self._limits = limits
        # A signal handler may call `stop` in the middle of another method.
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._progress: dict[str, Any] = {}
        self._lines: deque[str] = deque(maxlen=2_000)
        self._events: deque[tuple[str, dict[str, Any]]] = deque(maxlen=_EVENTS_KEPT)
        self._changed = False
        self._stage_began, self._done_at_begin = 0.0, 0
        self._last_beat = time.monotonic()
        self._reason: Reason | None = None
        self._on_stop: Callable[[], None] | None = None
        self._on_look: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def progress(self, stage: str, done: int, total: int) -> None:
        with self._lock:
            if self._progress.get("stage") != stage:
                self._stage_began, self._done_at_begin = time.monotonic(), done
            self._progress = {"stage": stage, "done": done, "total": total} | self._eta(done, total)
            self._changed = True

    def say(self, text: str) -> None:
        """A line for the job's log."""
        with self._lock:
            self._lines.append(text[:_LINE_CHARACTERS].replace("\x00", ""))
            self._changed = True

    def record(self, kind: str, data: dict[str, Any]) -> None:
        """An event for the job's story, e.g. a metric."""
        with self._lock:
            self._events.append((kind, data))

    def tail(self) -> str:
        with self._lock:
            return "\n".join(self._lines)[-LOG_TAIL_CHARACTERS:]

    def stop(self, reason: Reason) -> None:
        """Ask the job to stop; the first reason counts."""
        with self._lock:
            self._reason = self._reason or reason
            call = self._on_stop
        if call is not None:
            call()

    def check(self) -> None:
        """Raise Stopped where the job must not go on."""
        if self._reason is not None:
            raise Stopped(self._reason)

    def attend(self, on_stop: Callable[[], None] | None, on_look: Callable[[], None] | None) -> None:
        """What to do, from any thread, at the moment the job must stop (kill the child), and every few seconds."""
        with self._lock:
            self._on_stop, self._on_look = on_stop, on_look
        if on_stop is not None and self._reason is not None:
            on_stop()

    def flush(self, session: Session) -> int:
        """Write what is not yet written, with the beat or with the job's end; gives the number of events."""
        with self._lock:
            events = list(self._events)
            progress = dict(self._progress)
        jobs.heartbeat(session, self._claim, self._limits.lease_seconds, progress or None, self.tail())
        for kind, data in events:
            jobs.record(session, self._claim, kind, data)
        return len(events)

    def _eta(self, done: int, total: int) -> dict[str, float]:
        share = done - self._done_at_begin
        if share <= 0 or done >= total:
            return {}
        return {"eta_s": round((time.monotonic() - self._stage_began) / share * (total - done), 1)}

    def _run(self) -> None:
        while not self._ended.wait(min(_LOOK_SECONDS, self._limits.heartbeat_seconds)):
            if (look := self._on_look) is not None:
                look()
            try:
                self._beat()
            except LeaseLost:
                self.stop("lease_lost")
                return
            except SQLAlchemyError as error:
                # The job goes on: if the lease runs out meanwhile, the fence keeps this attempt from publishing.
                log.warning("heartbeat_failed", job=str(self._claim.job_id), error=type(error).__name__)

    def _beat(self) -> None:
        """A cheap look at the state, and a full beat when there is news or it is time."""
        due = time.monotonic() - self._last_beat >= self._limits.heartbeat_seconds
        full, self._changed = due or self._changed or bool(self._events), False
        with transaction(self._sessions) as session:
            written = self.flush(session) if full else 0
            state = jobs.look(session, self._claim)
        if full:
            self._last_beat = time.monotonic()
            self._drop(written)
        if state == "cancelling":
            self.stop("cancelled")

    def _drop(self, written: int) -> None:
        with self._lock:
            for _ in range(min(written, len(self._events))):
                self._events.popleft()
