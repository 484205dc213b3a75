"""Claims jobs, runs their kind, and brings each to exactly one end."""

import errno
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.database import transaction
from tailbase_core.errors import LeaseLost, TailbaseError
from tailbase_core.jobs import CancelAsked, Cancelled, Failed
from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore, StorageUnavailable
from tailbase_worker.cache import Cache
from tailbase_worker.child import ChildDied, ChildFailed
from tailbase_worker.doorbell import Doorbell
from tailbase_worker.kinds import KINDS
from tailbase_worker.pulse import Pulse, Reason, Stopped
from tailbase_worker.work import Publish, Work

# A ring reaches one worker, which may be busy: another one that is free must see the job before the busy one gives way.
_POLL_SECONDS = 2.0
_PATIENCE_SECONDS = 600.0
_RETRY_SECONDS = 1.0

DISK_FULL = Failed("disk_full", "The disk of the computer that works is full. Free some space there and start again.")
BROKEN = Failed("job.crashed", "The worker met an error it does not know. See its log; starting again may help.")

log = structlog.get_logger(__name__)


class Supervisor:
    """One job at a time, in the main thread: children die with the thread that started them."""

    def __init__(
        self,
        settings: Settings,
        sessions: sessionmaker[Session],
        store: BlobStore,
        *,
        name: str,
        folder: Path,
        queues: Sequence[str],
        device: Literal["cpu", "cuda"],
        memory_bytes: int,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._store = store
        self._name = name
        self._queues = queues
        self._device = device
        self._memory_bytes = memory_bytes
        self._cache = Cache(folder / "cache", settings.jobs.cache_bytes)
        self._scratch = folder / "scratch"
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._stopping = False
        self._pulse: Pulse | None = None
        self.bell = Doorbell(queues)

    def run(self) -> None:
        """Work until `stop`: claim until nothing is left, then wait for the bell."""
        while not self._stopping:
            if not self.work_one():
                self.bell.wait(min(_POLL_SECONDS, self._settings.jobs.ring_again_seconds))
        self.bell.close()

    def stop(self) -> None:
        """Hand the job back and return from `run`; safe in a signal handler."""
        self._stopping = True
        if self._pulse is not None:
            self._pulse.stop("handing_back")
        self.bell.push()

    def work_one(self) -> bool:
        """Claim a job and bring it to an end; False when there is none."""
        try:
            with transaction(self._sessions) as session:
                claim = jobs.claim(session, self._name, self._queues, self._settings.jobs.lease_seconds)
        except SQLAlchemyError as error:
            log.warning("claim_failed", error=type(error).__name__)
            return False
        if claim is not None:
            self._carry_out(claim)
        return claim is not None

    def _carry_out(self, claim: jobs.Claim) -> None:
        folder = self._scratch / f"{claim.job_id}-{claim.attempt}"
        told = log.bind(job=str(claim.job_id), kind=claim.kind, attempt=claim.attempt)
        told.info("job_started")
        with Pulse(self._sessions, claim, self._settings.jobs) as pulse:
            self._pulse = pulse
            if self._stopping:
                pulse.stop("handing_back")
            try:
                end = self._attempt(claim, pulse, folder)
                self._persist(claim, pulse, end)
            finally:
                self._pulse = None
                self._cache.release()
                shutil.rmtree(folder, ignore_errors=True)
        told.info("job_left")

    def _attempt(self, claim: jobs.Claim, pulse: Pulse, folder: Path) -> "End":
        """Run the kind; gives how to write the end. Everything that can go wrong is decided here."""
        attempts = self._settings.jobs.attempts
        try:
            publish = KINDS[claim.kind](self._work(claim, pulse, folder))
            pulse.check()
            return _success(claim, publish)
        except Stopped as stopped:
            return _stopped(claim, stopped.reason)
        except LeaseLost:
            return _stopped(claim, "lease_lost")
        except ChildFailed as error:
            return _ended(claim, Failed(error.code, error.detail))
        except ChildDied as died:
            pulse.say(f"The child was ended by {died.name}.")
            return _lost(claim, _killed(died), attempts)
        except (StorageUnavailable, SQLAlchemyError) as error:
            pulse.say("A server did not answer; the job will be tried again.")
            log.warning("server_unavailable", error=repr(error))
            return _lost(claim, Failed(StorageUnavailable.code, StorageUnavailable().detail), attempts)
        except TailbaseError as error:
            return _ended(claim, Failed(error.code, error.detail))
        except OSError as error:
            log.exception("file_error")
            return _ended(claim, DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else BROKEN)
        except Exception:
            log.exception("kind_failed")
            return _ended(claim, BROKEN)

    def _work(self, claim: jobs.Claim, pulse: Pulse, folder: Path) -> Work:
        scratch, inputs = folder / "scratch", folder / "inputs"
        scratch.mkdir(parents=True)
        inputs.mkdir()
        return Work(
            claim=claim,
            settings=self._settings,
            sessions=self._sessions,
            store=self._store,
            cache=self._cache,
            scratch=scratch,
            inputs=inputs,
            pulse=pulse,
            device=self._device,
            memory_bytes=self._memory_bytes,
            queues=self._queues,
        )

    def _persist(self, claim: jobs.Claim, pulse: Pulse, end: "End") -> None:
        """Write the end, waiting out a database that is away: the work is done and should not be lost."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                with transaction(self._sessions) as session:
                    end(session, pulse)
                return
            except CancelAsked:
                end = _stopped(claim, "cancelled")
            except LeaseLost:
                log.warning("lease_lost", job=str(claim.job_id), attempt=claim.attempt)
                return
            except SQLAlchemyError as error:
                log.warning("end_not_written", job=str(claim.job_id), error=repr(error))
                if time.monotonic() > deadline or self._stopping:
                    return
                time.sleep(_RETRY_SECONDS)


End = Callable[[Session, Pulse], None]
"""Writes a job's end in the transaction it is given."""


def _success(claim: jobs.Claim, publish: Publish) -> End:
    def end(session: Session, pulse: Pulse) -> None:
        jobs.hold(session, claim)
        pulse.flush(session)
        outcome = publish(session)
        if outcome is not None:
            jobs.finish(session, claim, outcome)

    return end


def _ended(claim: jobs.Claim, outcome: Failed | Cancelled) -> End:
    def end(session: Session, pulse: Pulse) -> None:
        pulse.flush(session)
        jobs.finish(session, claim, outcome)

    return end


def _lost(claim: jobs.Claim, outcome: Failed, attempts: int) -> End:
    def end(session: Session, pulse: Pulse) -> None:
        pulse.flush(session)
        jobs.lose(session, claim, outcome, attempts)

    return end


def _stopped(claim: jobs.Claim, reason: Reason) -> End:
    def end(session: Session, pulse: Pulse) -> None:
        if reason == "lease_lost":
            return
        pulse.flush(session)
        if reason == "cancelled":
            jobs.finish(session, claim, Cancelled())
        else:
            jobs.hand_back(session, claim)

    return end


def _killed(died: ChildDied) -> Failed:
    if died.crashed:
        return Failed("job.crashed", f"The program crashed ({died.name}). See the job's log; report it with the file.")
    return Failed(
        "job.killed",
        "The program was ended from outside several times, most often because the computer's memory was used up. "
        "Choose smaller images or batches, or a computer with more memory.",
    )
