"""SQL of working together."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from tailbase_core.tables import Edge, Frame, Keypoint, LabelEvent, LabelSet, Membership, User, Video

Points = dict[str, Any]
MOST_COMPARED = 5000
MOST_CHECKED = 10_000


def rated_twice(session: Session, project_id: UUID) -> Sequence[Row[UUID, UUID | None, Points, Points]]:
    """Frame, second rater, and the points of the first and of the second."""
    second = aliased(LabelSet)
    stmt = (
        select(Frame.id, second.rater_id, LabelSet.points, second.points)
        .join(LabelSet, and_(LabelSet.frame_id == Frame.id, LabelSet.rater_id.is_(None)))
        .join(second, and_(second.frame_id == Frame.id, second.rater_id.is_not(None)))
        .where(Frame.project_id == project_id, Frame.deleted_at.is_(None))
    )
    return session.execute(stmt.order_by(Frame.created_at.desc(), Frame.id).limit(MOST_COMPARED)).all()


def progress(session: Session, project_id: UUID) -> Sequence[Row[Any]]:
    """Of every member: frames assigned by state, returned ones, frames saved in, and frames to label a second time."""
    mine = Frame.assignee_id == User.id

    def counted(*conditions: Any) -> Any:
        return func.count(case((and_(mine, *conditions), Frame.id)))

    saved = (
        select(func.count(LabelSet.frame_id.distinct()))
        .join(LabelEvent, LabelEvent.labels_id == LabelSet.id)
        .where(LabelSet.project_id == project_id, LabelEvent.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    given = and_(
        Frame.project_id == project_id, Frame.deleted_at.is_(None), or_(mine, Frame.second_rater_id == User.id)
    )
    stmt = (
        select(
            User.id,
            User.name,
            *(counted(Frame.state == state) for state in ("todo", "draft", "submitted", "accepted")),
            counted(Frame.state == "draft", Frame.note.is_not(None)),
            saved,
            func.count(case((Frame.second_rater_id == User.id, Frame.id))),
        )
        .join(Membership, and_(Membership.user_id == User.id, Membership.project_id == project_id))
        .outerjoin(Frame, given)
        .group_by(User.id, User.name)
    )
    return session.execute(stmt.order_by(User.name, User.id)).all()


def labelled(session: Session, project_id: UUID) -> Sequence[Row[Frame, str | None, Points]]:
    """The latest labelled frames with the name of their video."""
    stmt = (
        select(Frame, Video.name, LabelSet.points)
        .join(LabelSet, and_(LabelSet.frame_id == Frame.id, LabelSet.rater_id.is_(None)))
        .outerjoin(Video, Video.id == Frame.video_id)
        .where(Frame.project_id == project_id, Frame.deleted_at.is_(None), LabelSet.points != {})
    )
    return session.execute(stmt.order_by(Frame.created_at.desc(), Frame.id).limit(MOST_CHECKED)).all()


def keypoints(session: Session, project_id: UUID) -> Sequence[Keypoint]:
    stmt = select(Keypoint).where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))
    return session.scalars(stmt.order_by(Keypoint.position, Keypoint.id)).all()


def edges(session: Session, project_id: UUID) -> Sequence[Edge]:
    return session.scalars(select(Edge).where(Edge.project_id == project_id)).all()
