"""SQL of labels. A save is one conditional update: the version is the fence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, cast, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from tailbase_api.labels.schemas import Points
from tailbase_core.errors import NotFound
from tailbase_core.tables import Frame, Individual, Keypoint, LabelEvent, LabelSet, User


@dataclass(frozen=True)
class FrameLabels:
    """A frame with its shared label set; version 0 and no points where nobody has saved yet."""

    frame_id: UUID
    state: str
    width: int | None
    height: int | None
    recording_id: UUID | None
    version: int
    points: Points


def frame_labels(session: Session, project_id: UUID, frame_id: UUID) -> FrameLabels:
    row = session.execute(
        select(Frame.id, Frame.state, Frame.width, Frame.height, Frame.recording_id, LabelSet.version, LabelSet.points)
        .outerjoin(LabelSet, (LabelSet.frame_id == Frame.id) & LabelSet.rater_id.is_(None))
        .where(Frame.project_id == project_id, Frame.id == frame_id, Frame.deleted_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound("frame")
    return FrameLabels(row.id, row.state, row.width, row.height, row.recording_id, row.version or 0, row.points or {})


def known_ids(
    session: Session,
    project_id: UUID,
    recording_id: UUID | None,
    individuals: Collection[UUID],
    keypoints: Collection[UUID],
) -> set[UUID]:
    """Those of the ids that are keypoints in use and individuals of this project (or of this recording of it)."""
    stmt = union_all(
        select(Individual.id).where(
            Individual.project_id == project_id,
            Individual.id.in_(individuals),
            Individual.recording_id.is_(None) | (Individual.recording_id == recording_id),
        ),
        select(Keypoint.id).where(
            Keypoint.project_id == project_id, Keypoint.id.in_(keypoints), Keypoint.retired_at.is_(None)
        ),
    )
    return set(session.scalars(stmt))


def store(
    session: Session, project_id: UUID, frame_id: UUID, version: int, changes: Points
) -> Row[UUID, int, dict[str, Any]] | None:
    """Apply the changes to exactly this version; None when it is no longer the present one."""
    placed = {key: value for key, value in changes.items() if value is not None}
    if version == 0:
        first = (
            insert(LabelSet)
            .values(project_id=project_id, frame_id=frame_id, rater_id=None, version=1, points=placed)
            .on_conflict_do_nothing()
            .returning(LabelSet.id, LabelSet.version, LabelSet.points)
        )
        return session.execute(first).one_or_none()
    cleared = [key for key, value in changes.items() if value is None]
    points = LabelSet.points.op("||", return_type=JSONB)(literal(placed, JSONB))
    points = points.op("-", return_type=JSONB)(cast(cleared, ARRAY(Text)))
    stmt = (
        update(LabelSet)
        .where(
            LabelSet.project_id == project_id,
            LabelSet.frame_id == frame_id,
            LabelSet.rater_id.is_(None),
            LabelSet.version == version,
        )
        .values(points=points, version=LabelSet.version + 1, updated_at=func.now())
        .returning(LabelSet.id, LabelSet.version, LabelSet.points)
        .execution_options(synchronize_session=False)
    )
    return session.execute(stmt).one_or_none()


def add_event(
    session: Session, labels_id: UUID, version: int, user_id: UUID, changes: Points, effort: dict[str, Any]
) -> None:
    event = LabelEvent.__table__.insert().values(  # type: ignore[attr-defined]
        labels_id=labels_id, version=version, user_id=user_id, changes=changes, effort=effort
    )
    session.execute(event)


def keys_changed_since(session: Session, project_id: UUID, frame_id: UUID, version: int) -> list[str]:
    stmt = (
        select(func.jsonb_object_keys(LabelEvent.changes).label("key"))
        .join(LabelSet, LabelSet.id == LabelEvent.labels_id)
        .where(
            LabelSet.project_id == project_id,
            LabelSet.frame_id == frame_id,
            LabelSet.rater_id.is_(None),
            LabelEvent.version > version,
        )
        .distinct()
    )
    return sorted(session.scalars(stmt))


def history(
    session: Session, project_id: UUID, frame_id: UUID, before: int | None, limit: int
) -> Sequence[Row[int, str | None, datetime, dict[str, Any]]]:
    """Saves of a frame, the latest first."""
    stmt = (
        select(LabelEvent.version, User.name.label("user"), LabelEvent.created_at, LabelEvent.changes)
        .join(LabelSet, LabelSet.id == LabelEvent.labels_id)
        .outerjoin(User, User.id == LabelEvent.user_id)
        .where(LabelSet.project_id == project_id, LabelSet.frame_id == frame_id, LabelSet.rater_id.is_(None))
        .order_by(LabelEvent.version.desc())
        .limit(limit)
    )
    if before is not None:
        stmt = stmt.where(LabelEvent.version < before)
    return session.execute(stmt).all()
