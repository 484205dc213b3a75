"""SQL of pre-labels."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from tailbase_core.tables import Frame, LabelSet, Model, Prelabel, PrelabelRound

Points = dict[str, Any]
COMPARED = 2000


def rounds(session: Session, project_id: UUID) -> Sequence[Row[PrelabelRound, Model]]:
    stmt = (
        select(PrelabelRound, Model)
        .join(Model, Model.id == PrelabelRound.model_id)
        .where(PrelabelRound.project_id == project_id)
    )
    return session.execute(stmt.order_by(PrelabelRound.number)).all()


def last_round(session: Session, project_id: UUID) -> PrelabelRound | None:
    stmt = select(PrelabelRound).where(PrelabelRound.project_id == project_id)
    return session.scalar(stmt.order_by(PrelabelRound.number.desc()).limit(1))


def add_round(session: Session, project_id: UUID, number: int, model_id: UUID, labels: int) -> bool:
    """Whether the round of this number had not begun yet, and has now."""
    values = {"project_id": project_id, "number": number, "model_id": model_id, "labels": labels}
    row = insert(PrelabelRound).values(values).on_conflict_do_nothing().returning(PrelabelRound.number)
    return session.execute(row).one_or_none() is not None


def under_way(session: Session, last: PrelabelRound) -> bool:
    """Whether the round's network is still being trained."""
    state = session.scalar(select(Model.state).where(Model.id == last.model_id))
    return last.ready_at is None and state in ("queued", "training")


def trained(session: Session, project_id: UUID) -> UUID | None:
    """The model of the latest round that was trained and is still there."""
    stmt = (
        select(Model.id)
        .join(PrelabelRound, PrelabelRound.model_id == Model.id)
        .where(PrelabelRound.project_id == project_id, Model.state == "ready", Model.deleted_at.is_(None))
    )
    return session.scalar(stmt.order_by(PrelabelRound.number.desc()).limit(1))


def finished(session: Session, project_id: UUID) -> int:
    """Frames that people have finished and said something about."""
    stmt = (
        select(func.count())
        .select_from(Frame)
        .join(LabelSet, (LabelSet.frame_id == Frame.id) & LabelSet.rater_id.is_(None))
        .where(Frame.project_id == project_id, Frame.deleted_at.is_(None), Frame.state.in_(("submitted", "accepted")))
        .where(LabelSet.points != {})
    )
    return session.scalar(stmt) or 0


def compared(session: Session, project_id: UUID) -> Sequence[Row[UUID, Points, Points]]:
    """Frame, people's points and the network's of the latest finished frames that had been pre-labelled."""
    stmt = (
        select(Frame.id, LabelSet.points, Prelabel.points)
        .join(LabelSet, (LabelSet.frame_id == Frame.id) & LabelSet.rater_id.is_(None))
        .join(Prelabel, Prelabel.frame_id == Frame.id)
        .where(Frame.project_id == project_id, Frame.deleted_at.is_(None), Frame.state.in_(("submitted", "accepted")))
        # What a frame's last prediction says was on the screen when it was finished: none comes after that.
        .ext(distinct_on(Frame.id))
        .order_by(Frame.id, Prelabel.created_at.desc())
        .limit(COMPARED)
    )
    return session.execute(stmt).all()
