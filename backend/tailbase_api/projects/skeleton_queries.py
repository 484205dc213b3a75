"""SQL of the skeleton."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tailbase_core.tables import Edge, Keypoint, Video, View


def keypoints(session: Session, project_id: UUID, *, retired: bool = False) -> Sequence[Keypoint]:
    """In order; with `retired` also those taken out of use."""
    stmt = select(Keypoint).where(Keypoint.project_id == project_id).order_by(Keypoint.position, Keypoint.name)
    return session.scalars(stmt if retired else stmt.where(Keypoint.retired_at.is_(None))).all()


def views(session: Session, project_id: UUID) -> Sequence[View]:
    return session.scalars(select(View).where(View.project_id == project_id).order_by(View.position, View.name)).all()


def edges(session: Session, project_id: UUID) -> Sequence[Edge]:
    return session.scalars(select(Edge).where(Edge.project_id == project_id)).all()


def replace_edges(session: Session, project_id: UUID, pairs: set[tuple[UUID, UUID]]) -> None:
    session.execute(delete(Edge).where(Edge.project_id == project_id))
    session.add_all(Edge(project_id=project_id, start_id=start, end_id=end) for start, end in sorted(pairs))


def view_is_filmed(session: Session, view_id: UUID) -> bool:
    """Whether a video comes from this camera."""
    stmt = select(Video.id).where(Video.view_id == view_id, Video.deleted_at.is_(None)).limit(1)
    return session.scalar(stmt) is not None
