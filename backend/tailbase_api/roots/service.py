"""Looking into roots, registering videos where they lie, and finding them again after a move."""

import hashlib
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.pagination import Page, PageQuery, decode_text, encode_text
from tailbase_api.recordings import service as recordings
from tailbase_api.roots.schemas import Registered, RegisterIn, RelinkIn, RootEntry, RootOut
from tailbase_api.services import Services
from tailbase_api.videos import service as videos
from tailbase_api.videos.schemas import VideoOut
from tailbase_core.errors import Conflict, Invalid, NotFound
from tailbase_core.settings import Settings
from tailbase_core.storage.roots import Root, browse, checked_relative, find, make_roots, root_named

MOST_FILES = 20_000
VIDEOS_A_JOB = 100
_LONGEST_NAME = 300


def list_roots(settings: Settings) -> list[RootOut]:
    return [RootOut(name=name) for name in make_roots(settings)]


def list_entries(settings: Settings, root: str, path: str, page: PageQuery) -> Page[RootEntry]:
    after = decode_text(page.cursor) if page.cursor else None
    entries, last = browse(settings, root, path, page.limit, after)
    shown = [RootEntry.model_validate(entry, from_attributes=True) for entry in entries]
    return Page(items=shown, next_cursor=encode_text(last) if last is not None else None)


def register(session: Session, services: Services, access: Access, body: RegisterIn) -> Registered:
    """Rows only: nothing is opened here. The worker looks at the files and says which are videos."""
    found = _files(root_named(services.settings, body.root), body)
    known = videos.registered(session, access.project_id, body.root, [path for path, _ in found])
    fresh = [(path, size) for path, size in found if path not in known]
    places = recordings.place(session, access, [path for path, _ in fresh])
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = [
        {
            "id": uuid4(),
            "project_id": access.project_id,
            "recording_id": place.recording_id,
            "view_id": place.view_id,
            "name": PurePosixPath(path).name[-_LONGEST_NAME:],
            "state": "processing",
            "root": body.root,
            "relative_path": path,
            "size_bytes": size,
            "crop": {},
            "created_at": now,
        }
        for (path, size), place in zip(fresh, places, strict=True)
    ]
    videos.add(session, rows)
    first = _ingest(session, access, [row["id"] for row in rows])
    details = {"root": body.root, "registered": len(rows)}
    audit.record(session, access.user, access.project_id, "video.register", **details)
    job = jobs.job_out(first, services.store) if first else None
    return Registered(registered=len(rows), skipped=len(found) - len(rows), job=job)


def _files(root: Root, body: RegisterIn) -> list[tuple[str, int | None]]:
    if body.paths is not None:
        paths = list(dict.fromkeys(checked_relative(path) for path in body.paths))
        return [(path, root.size(path)) for path in paths]
    entries = find(root, body.folder or "", body.pattern, body.recursive, MOST_FILES + 1)
    if len(entries) > MOST_FILES:
        raise Invalid("register.too_many", f"More than {MOST_FILES} files match. Register a smaller folder at a time.")
    if not entries:
        raise Invalid("register.nothing", f"No file in this folder matches {body.pattern}.", field="pattern")
    return [(entry.relative, entry.size_bytes) for entry in entries]


def _ingest(session: Session, access: Access, ids: Sequence[UUID]) -> Any:
    first = None
    for start in range(0, len(ids), VIDEOS_A_JOB):
        batch = ids[start : start + VIDEOS_A_JOB]
        title = "Look at a video" if len(batch) == 1 else f"Look at {len(batch)} videos"
        job = videos.ingest(session, access, batch, title, priority=jobs.BATCH)
        first = first or job
    return first


def relink(session: Session, services: Services, access: Access, video_id: UUID, body: RelinkIn) -> VideoOut:
    """Point a video to where its file lies now. It must be the same file, byte for byte."""
    path = checked_relative(body.path)
    root = root_named(services.settings, body.root)
    video = videos.locked(session, access.project_id, video_id)
    if video.root is None:
        raise Conflict("video.not_in_place", "This video was uploaded; it cannot lie elsewhere.")
    if video.sha256 is None:
        raise Conflict("video.no_checksum", "This video was never read, so it cannot be recognised. Register it anew.")
    if root.size(path) != video.size_bytes or _checksum(root, path) != video.sha256:
        raise Conflict("video.differs", "This is not the same file: its content differs from the registered video.")
    if path in videos.registered(session, access.project_id, body.root, [path]) and path != video.relative_path:
        raise Conflict("video.registered", "This file is registered as another video already.")
    video.root, video.relative_path = body.root, path
    session.flush()
    audit.record(session, access.user, access.project_id, "video.relink", video=str(video.id))
    return videos.show(session, services.store, access.project_id, video_id)


def _checksum(root: Root, relative: str) -> str:
    local = root.local_path(relative)
    if local is not None:
        return _sha256(local)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "video"
        root.fetch(relative, copy)
        return _sha256(copy)


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise NotFound("file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
