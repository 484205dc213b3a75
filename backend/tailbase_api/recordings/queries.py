"""SQL of recordings and of the views their videos come from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Project, Recording, Video, View


def recordings(project_id: UUID) -> Select[Recording]:
    return select(Recording).where(Recording.project_id == project_id, Recording.deleted_at.is_(None))


def recording(session: Session, project_id: UUID, recording_id: UUID) -> Recording:
    found = session.scalar(recordings(project_id).where(Recording.id == recording_id))
    if found is None:
        raise NotFound("recording")
    return found


def video_counts(session: Session, project_id: UUID, recording_ids: Sequence[UUID]) -> dict[UUID, int]:
    stmt = (
        select(Video.recording_id, func.count())
        .where(Video.project_id == project_id, Video.recording_id.in_(recording_ids), Video.deleted_at.is_(None))
        .group_by(Video.recording_id)
    )
    return {row[0]: row[1] for row in session.execute(stmt)}


def lock_project(session: Session, project_id: UUID) -> None:
    """Two who place videos at once agree on the recordings."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())


def all_recordings(session: Session, project_id: UUID) -> Sequence[Recording]:
    return session.scalars(recordings(project_id).order_by(Recording.created_at)).all()


def add_recordings(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(Recording), rows)


def views(session: Session, project_id: UUID) -> dict[str, UUID]:
    stmt = select(View.name, View.id).where(View.project_id == project_id)
    return {row[0]: row[1] for row in session.execute(stmt)}


def add_view(session: Session, project_id: UUID, name: str, position: int) -> UUID:
    view = View(project_id=project_id, name=name, mirrored=False, position=position)
    session.add(view)
    session.flush()
    return view.id
