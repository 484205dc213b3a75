"""Recordings, and which one a file belongs to by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_api.recordings import queries
from tailbase_api.recordings.schemas import (
    CalibrationIn,
    CalibrationOut,
    PreviewOut,
    RecordingDetail,
    RecordingIn,
    RecordingOut,
    RecordingPatch,
)
from tailbase_core.errors import Invalid
from tailbase_core.name_patterns import USUAL, VIEW, NameMatch, check_pattern, has_view, match_name
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Job, Recording

_MAX_VIEWS = 100
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Placed:
    """Where a file belongs."""

    recording_id: UUID
    view_id: UUID | None


def list_recordings(session: Session, project_id: UUID, page: PageQuery) -> Page[RecordingDetail]:
    rows, cursor = select_page(session, queries.recordings(project_id), page, key=Recording.created_at, id=Recording.id)
    counts = queries.video_counts(session, project_id, [row.id for row in rows])
    return page_of(rows, cursor, lambda row: _detail(row, counts.get(row.id, 0)))


def _detail(row: Recording, videos: int) -> RecordingDetail:
    return RecordingDetail(
        **RecordingOut.model_validate(row).model_dump(),
        videos=videos,
        calibration=CalibrationOut.model_validate(row.calibration) if row.calibration_key else None,
    )


def show(session: Session, project_id: UUID, recording_id: UUID) -> RecordingDetail:
    row = queries.recording(session, project_id, recording_id)
    return _detail(row, queries.video_counts(session, project_id, [row.id]).get(row.id, 0))


def create(session: Session, access: Access, body: RecordingIn) -> RecordingOut:
    row = Recording(project_id=access.project_id, **body.model_dump())
    session.add(row)
    session.flush()
    session.refresh(row)
    return RecordingOut.model_validate(row)


def change(session: Session, access: Access, recording_id: UUID, body: RecordingPatch) -> RecordingOut:
    row = queries.recording(session, access.project_id, recording_id)
    changes = body.model_dump(exclude_unset=True)
    if changes.get("name", "") is None or changes.get("fields", {}) is None:
        raise Invalid("recording.name", "A recording needs a name; its fields may be empty but not null.")
    for name, value in changes.items():
        setattr(row, name, value)
    audit.record(session, access.user, access.project_id, "recording.change", recording=str(row.id))
    return RecordingOut.model_validate(row)


def put_calibration(session: Session, store: BlobStore, access: Access, recording_id: UUID, body: CalibrationIn) -> Job:
    """The job that reads the file; the recording keeps the calibration it has until the file was found to be good."""
    row = queries.recording(session, access.project_id, recording_id)
    key = f"projects/{access.project_id}/recordings/{row.id}/{uuid4()}/calibration"
    store.put_bytes(key, body.text.encode())
    audit.record(session, access.user, access.project_id, "recording.calibrate", recording=str(row.id))
    spec = {"recording_id": str(row.id), "key": key, "filename": body.filename}
    work = jobs.Work(f"Check the calibration of {row.name}", spec)
    return jobs.submit(session, access, "calibration", [work], priority=jobs.INTERACTIVE)[0]


def delete_calibration(session: Session, access: Access, recording_id: UUID) -> None:
    """The file itself goes with the recording."""
    row = queries.recording(session, access.project_id, recording_id)
    row.calibration_key, row.calibration = None, {}
    audit.record(session, access.user, access.project_id, "recording.uncalibrate", recording=str(row.id))


def preview(pattern: str, names: Sequence[str]) -> list[PreviewOut]:
    check_pattern(pattern)
    return [PreviewOut(name=name, fields=_shown(match_name(pattern, name))) for name in names]


def _shown(match: NameMatch | None) -> dict[str, str] | None:
    if match is None:
        return None
    return match.fields if match.view is None else {**match.fields, VIEW: match.view}


def view_named(session: Session, project_id: UUID, name: str) -> UUID:
    """The view of this name, made where there is none."""
    known = queries.views(session, project_id)
    if name in known:
        return known[name]
    if len(known) >= _MAX_VIEWS:
        raise Invalid("view.too_many", f"A project has at most {_MAX_VIEWS} views. Does the pattern fit the names?")
    return queries.add_view(session, project_id, name[:_LONGEST_NAME], len(known))


def place(session: Session, access: Access, paths: Sequence[str]) -> list[Placed]:
    """The recording and view of each file, by the project's pattern.

    Where the pattern names a view, files that differ in nothing else are one recording; else each file has its own.
    """
    queries.lock_project(session, access.project_id)
    pattern = access.project.name_pattern
    grouped = has_view(pattern)
    known = {_identity(r): r.id for r in queries.all_recordings(session, access.project_id)} if grouped else {}
    views: dict[str, UUID] = {}
    fresh, placed = [], []
    for path in paths:
        match = match_name(pattern, path)
        row = _row(access.project_id, path, match)
        key = (*(row[name] for name in USUAL), tuple(sorted(row["fields"].items())))
        joins = grouped and match is not None
        recording_id = known.get(key) if joins else None
        if recording_id is None:
            recording_id = row["id"]
            fresh.append(row)
            if joins:
                known[key] = recording_id
        view = match.view if match else None
        if view and view not in views:
            views[view] = view_named(session, access.project_id, view)
        placed.append(Placed(recording_id, views[view] if view else None))
    queries.add_recordings(session, fresh)
    return placed


def _row(project_id: UUID, path: str, match: NameMatch | None) -> dict[str, Any]:
    fields = dict(match.fields) if match else {}
    usual = {name: fields.pop(name, None) for name in USUAL}
    title = match.title if match else PurePosixPath(path).stem
    return {"id": uuid4(), "project_id": project_id, "name": title[:_LONGEST_NAME], **usual, "fields": fields}


def _identity(row: Recording) -> tuple[object, ...]:
    return (*(getattr(row, name) for name in USUAL), tuple(sorted(row.fields.items())))
