"""What a job's kind may use: its inputs as files, the library as a child, the storage, and the database."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.database import after_commit, transaction
from tailbase_core.errors import NotFound
from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore, StorageUnavailable
from tailbase_core.storage.roots import root_named
from tailbase_core.tables import Video
from tailbase_worker.cache import Cache
from tailbase_worker.child import OUT_OF_MEMORY, ChildDied, ChildFailed, Limits, start
from tailbase_worker.pulse import Pulse

OnArtifact = Callable[[str, Path], None]
Publish = Callable[[Session], jobs.Succeeded | None]
"""Writes the results in the transaction that ends the job; None where the job goes on in parts."""

log = structlog.get_logger(__name__)

_DISK_FULL = ChildFailed("disk_full", "The disk of the computer that works is full. Free some space there.")
_SYMPTOMS = {
    "No space left on device": _DISK_FULL,
    "out of memory": OUT_OF_MEMORY,
    "can't allocate memory": OUT_OF_MEMORY,
    "MemoryError": OUT_OF_MEMORY,
}


@dataclass(frozen=True)
class Work:
    """One attempt at one job. `scratch` and `inputs` go with the attempt; a child may change only `scratch`."""

    claim: jobs.Claim
    settings: Settings
    sessions: sessionmaker[Session]
    store: BlobStore
    cache: Cache
    scratch: Path
    inputs: Path
    pulse: Pulse
    device: Literal["cpu", "cuda"]
    memory_bytes: int
    queues: Sequence[str] = ("default",)
    _readable: list[Path] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with transaction(self.sessions) as session:
            yield session

    @contextmanager
    def fenced(self) -> Iterator[Session]:
        """A transaction whose writes count only while the job is ours."""
        with transaction(self.sessions) as session:
            jobs.hold(session, self.claim)
            yield session

    @property
    def prefix(self) -> str:
        """Where this attempt's artifacts lie."""
        return f"jobs/{self.claim.job_id}/{self.claim.attempt}"

    def spec_id(self, name: str) -> UUID:
        return UUID(str(self.claim.spec[name]))

    def folder(self, name: str) -> Path:
        path = self.scratch / name
        path.mkdir(exist_ok=True)
        return path

    def place(self, key: str, path: Path) -> None:
        """A blob at `path` below `inputs`, without a copy where that can be."""
        source = self.blob(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.hardlink_to(source)
        except OSError:  # another disk
            shutil.copyfile(source, path)

    def child(
        self,
        *arguments: str | Path | int | float,
        on_artifact: OnArtifact | None = None,
        network: bool = False,
        seconds: float | None = None,
    ) -> dict[str, Any]:
        """Run `tailbase <arguments> --json` and give its result; see child.py for what it raises."""
        self.pulse.check()
        limits = Limits([self.inputs, *self._readable], (), self.memory_bytes, self.settings.worker_threads, network)
        words = [*(str(argument) for argument in arguments), "--json"]
        running = start(words, self.scratch, limits, self._listener(on_artifact), self.pulse.say)
        self.pulse.attend(running.kill, lambda: running.keep_below(self.memory_bytes))
        try:
            return running.wait(seconds)
        except ChildFailed as error:
            self.pulse.check()
            raise self._known(error) from error
        except ChildDied:
            self.pulse.check()
            raise
        finally:
            self.pulse.attend(None, None)

    def may_read(self, path: Path) -> Path:
        """Let children of this job read `path`."""
        self._readable.append(path)
        return path

    def blob(self, key: str) -> Path:
        """A blob as a file to read."""
        path = self.store.local_path(key)
        if path is None:
            path = self.cache.file(f"blob:{key}", self.store.size(key), lambda to: self.store.get_file(key, to))
        self.pulse.check()
        return self.may_read(path)

    def in_place(self, root_name: str, relative: str) -> Path:
        """A file under a root as a file to read."""
        root = root_named(self.settings, root_name)
        path = root.local_path(relative)
        if path is None:
            name, size = f"root:{root_name}:{relative}", root.size(relative)
            path = self.cache.file(name, size, lambda to: root.fetch(relative, to))
        self.pulse.check()
        return self.may_read(path)

    def video(self, video: Video) -> Path:
        """A video's source, wherever it lies."""
        if video.blob_key is not None:
            return self.blob(video.blob_key)
        if video.root is not None and video.relative_path is not None:
            return self.in_place(video.root, video.relative_path)
        raise NotFound("video file")

    def video_row(self, session: Session, video_id: UUID) -> Video:
        query = select(Video).where(Video.id == video_id, Video.project_id == self.claim.project_id)
        if (video := session.scalar(query.where(Video.deleted_at.is_(None)))) is None:
            raise NotFound("video")
        return video

    def upload(self, name: str, path: Path) -> str:
        """Store an artifact of this attempt; gives its key."""
        self.pulse.check()
        key = f"{self.prefix}/{name}"
        self.store.put_file(key, path)
        return key

    def drop_after(self, session: Session, prefixes: Sequence[str]) -> None:
        """Delete what nobody needs once the job has ended well; what cannot be deleted goes with the job."""

        def drop() -> None:
            try:
                for prefix in prefixes:
                    self.store.delete_prefix(prefix)
            except StorageUnavailable:
                log.warning("leftovers_stay", prefixes=list(prefixes))

        after_commit(session, drop)

    def _listener(self, on_artifact: OnArtifact | None) -> Callable[[dict[str, Any]], None]:
        def listen(event: dict[str, Any]) -> None:
            match event["event"]:
                case "progress":
                    self.pulse.progress(str(event["stage"]), int(event["done"]), int(event["total"]))
                case "metric":
                    self.pulse.record("metric", dict(event["values"]))
                case "log":
                    self.pulse.say(str(event["message"]))
                case "artifact" if on_artifact is not None:
                    on_artifact(str(event["name"]), self._inside(str(event["path"])))

        return listen

    def _inside(self, path: str) -> Path:
        """A path the child named, which must lie in its scratch folder."""
        real = (self.scratch / path).resolve()
        if not real.is_relative_to(self.scratch.resolve()):
            raise ChildFailed("job.bad_output", "The program named a file outside its folder. Report this.")
        return real

    def _known(self, error: ChildFailed) -> ChildFailed:
        """The usual reasons of a crash in the user's words."""
        if error.code != "job.crashed":
            return error
        tail = self.pulse.tail()[-4_000:]
        return next((reason for symptom, reason in _SYMPTOMS.items() if symptom in tail), error)
