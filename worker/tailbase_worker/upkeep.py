"""What every worker does beside its job: tells that it lives, and repairs the queue."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.database import transaction
from tailbase_core.errors import TailbaseError
from tailbase_core.housekeeping import sweep
from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore

_ROUNDS_BETWEEN_SWEEPS = 60

log = structlog.get_logger(__name__)


class Upkeep:
    """A thread that repeats its round until it is closed. `name` and `device` are what people see."""

    def __init__(
        self,
        settings: Settings,
        sessions: sessionmaker[Session],
        store: BlobStore,
        *,
        name: str,
        device: str,
        version: str,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._store = store
        self._me = (name, device, version)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(5)

    def _run(self) -> None:
        rounds = 0
        while not self._ended.is_set():
            pause = self._settings.jobs.reap_seconds
            try:
                self._round(sweep_too=rounds % _ROUNDS_BETWEEN_SWEEPS == 0)
                rounds += 1
            except (SQLAlchemyError, TailbaseError, OSError) as error:
                log.warning("upkeep_failed", error=type(error).__name__)
                # Healthy workers could not prolong their leases either: let them, before anything is reaped.
                pause = max(pause, self._settings.jobs.heartbeat_seconds)
            self._ended.wait(pause)

    def _round(self, sweep_too: bool) -> None:
        with transaction(self._sessions) as session:
            jobs.seen(session, *self._me)
        with transaction(self._sessions) as session:
            counts = jobs.reap(session, self._settings.jobs)
        if any(counts.values()):
            log.info("reaped", **counts)
        if sweep_too:
            sweep(self._sessions, self._store, self._settings)
