"""SQL of videos."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, tuple_
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Job, Recording, Video, View

Shown = tuple[Video, Recording, str | None]


def videos(project_id: UUID, recording: UUID | None = None, state: str | None = None) -> Select[*Shown]:
    """Each with its recording and the name of its view: one query, however many."""
    stmt = (
        select(Video, Recording, View.name)
        .join(Recording, Recording.id == Video.recording_id)
        .outerjoin(View, View.id == Video.view_id)
        .where(Video.project_id == project_id, Video.deleted_at.is_(None))
    )
    if recording is not None:
        stmt = stmt.where(Video.recording_id == recording)
    return stmt if state is None else stmt.where(Video.state == state)


def shown(session: Session, project_id: UUID, video_id: UUID) -> Shown:
    row = session.execute(videos(project_id).where(Video.id == video_id)).one_or_none()
    if row is None:
        raise NotFound("video")
    return row[0], row[1], row[2]


def locked(session: Session, project_id: UUID, video_id: UUID) -> Video:
    stmt = select(Video).where(Video.id == video_id, Video.project_id == project_id, Video.deleted_at.is_(None))
    found = session.scalar(stmt.with_for_update())
    if found is None:
        raise NotFound("video")
    return found


def has_recording(session: Session, project_id: UUID, recording_id: UUID) -> bool:
    stmt = select(Recording.id).where(
        Recording.id == recording_id, Recording.project_id == project_id, Recording.deleted_at.is_(None)
    )
    return session.scalar(stmt) is not None


def latest_job(session: Session, project_id: UUID, kind: str, video_id: UUID) -> Job | None:
    stmt = (
        select(Job)
        .where(Job.project_id == project_id, Job.kind == kind, Job.spec["video_id"].astext == str(video_id))
        .order_by(Job.created_at.desc())
        .limit(1)
    )
    return session.scalar(stmt)


def registered(session: Session, project_id: UUID, root: str, paths: Sequence[str]) -> set[str]:
    """Those of the paths that are videos of the project already."""
    found: set[str] = set()
    for start in range(0, len(paths), 5000):
        batch = [(root, path) for path in paths[start : start + 5000]]
        stmt = select(Video.relative_path).where(
            Video.project_id == project_id,
            Video.deleted_at.is_(None),
            tuple_(Video.root, Video.relative_path).in_(batch),
        )
        found.update(path for path in session.scalars(stmt) if path)
    return found


def add_videos(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(Video), rows)
