"""SQL of labels. A save is one conditional update: the version is the fence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from tailbase_api.labels.schemas import Points
from tailbase_core.errors import NotFound
from tailbase_core.tables import Frame, Individual, Keypoint, LabelEvent, LabelSet, Model, User


@dataclass(frozen=True)
class FrameLabels:
    """A frame with a label set; version 0 and no points where nobody has saved yet."""

    frame_id: UUID
    state: str
    width: int | None
    height: int | None
    recording_id: UUID | None
    second_rater_id: UUID | None
    version: int
    points: Points


# The statements of the labeller's loop are built once: building one costs as much as running it. Their parameters
# have names that no column has, which SQLAlchemy would take for values to set.

_LABELS, _EVENTS = cast(Table, LabelSet.__table__), cast(Table, LabelEvent.__table__)
_labels = _LABELS.c
_mine = (
    _labels.project_id == bindparam("project"),
    _labels.frame_id == bindparam("frame"),
    _labels.rater_id.is_not_distinct_from(bindparam("rater", type_=Uuid)),
)

_FRAME_LABELS = (
    select(
        Frame.id,
        Frame.state,
        Frame.width,
        Frame.height,
        Frame.recording_id,
        Frame.second_rater_id,
        LabelSet.version,
        LabelSet.points,
    )
    .outerjoin(
        LabelSet,
        (LabelSet.frame_id == Frame.id) & LabelSet.rater_id.is_not_distinct_from(bindparam("rater", type_=Uuid)),
    )
    .where(Frame.project_id == bindparam("project"), Frame.id == bindparam("frame"), Frame.deleted_at.is_(None))
)

_KNOWN_IDS = union_all(
    select(Individual.id).where(
        Individual.project_id == bindparam("project"),
        Individual.id.in_(bindparam("individuals", expanding=True)),
        Individual.recording_id.is_(None) | (Individual.recording_id == bindparam("recording")),
    ),
    select(Keypoint.id).where(
        Keypoint.project_id == bindparam("project"),
        Keypoint.id.in_(bindparam("keypoints", expanding=True)),
        Keypoint.retired_at.is_(None),
    ),
    select(Model.id).where(Model.project_id == bindparam("project"), Model.id.in_(bindparam("models", expanding=True))),
)


_KEYPOINTS_IN_USE = select(Keypoint.id).where(
    Keypoint.project_id == bindparam("project"), Keypoint.retired_at.is_(None)
)


def _with_history(save: ReturningInsert[Any] | ReturningUpdate[Any]) -> Select[int, Points]:
    """The save and its event in one statement: neither is ever without the other."""
    saved = save.cte("saved")
    told = select(
        saved.c.id,
        saved.c.version,
        bindparam("user_id", type_=Uuid),
        bindparam("changes", type_=JSONB),
        bindparam("effort", type_=JSONB),
    )
    event = insert(_EVENTS).from_select(["labels_id", "version", "user_id", "changes", "effort"], told)
    return select(saved.c.version, saved.c.points).add_cte(event.cte("event"))


_FIRST_SAVE = _with_history(
    insert(_LABELS)
    .values(
        id=bindparam("labels_id"),
        project_id=bindparam("project"),
        frame_id=bindparam("frame"),
        rater_id=bindparam("rater", type_=Uuid),
        version=1,
        points=bindparam("placed"),
    )
    .on_conflict_do_nothing()
    .returning(_labels.id, _labels.version, _labels.points)
)

_NEXT_SAVE = _with_history(
    update(_LABELS)
    .where(*_mine, _labels.version == bindparam("seen_version"))
    .values(
        points=_labels.points.op("||", return_type=JSONB)(bindparam("placed", type_=JSONB)).op("-", return_type=JSONB)(
            sql_cast(bindparam("cleared"), ARRAY(Text))
        ),
        version=_labels.version + 1,
        updated_at=func.now(),
    )
    .returning(_labels.id, _labels.version, _labels.points)
)


def frame_labels(session: Session, project_id: UUID, frame_id: UUID, rater: UUID | None = None) -> FrameLabels:
    """With the shared label set, or that of a second rater."""
    row = session.execute(_FRAME_LABELS, {"project": project_id, "frame": frame_id, "rater": rater}).one_or_none()
    if row is None:
        raise NotFound("frame")
    return FrameLabels(
        frame_id=row.id,
        state=row.state,
        width=row.width,
        height=row.height,
        recording_id=row.recording_id,
        second_rater_id=row.second_rater_id,
        version=row.version or 0,
        points=row.points or {},
    )


def known_ids(
    session: Session,
    project_id: UUID,
    recording_id: UUID | None,
    individuals: Collection[UUID],
    keypoints: Collection[UUID],
    models: Collection[UUID],
) -> set[UUID]:
    """Those of the ids that are keypoints in use, models, or individuals of this project (or this recording of it)."""
    given = {"project": project_id, "recording": recording_id}
    asked = {"individuals": list(individuals), "keypoints": list(keypoints), "models": list(models)}
    return set(session.scalars(_KNOWN_IDS, given | asked))


def store(
    session: Session,
    project_id: UUID,
    frame_id: UUID,
    version: int,
    changes: Points,
    user_id: UUID,
    effort: dict[str, Any],
    rater: UUID | None = None,
) -> tuple[int, Points] | None:
    """Apply the changes to exactly this version and tell the history; None when it is no longer the present one."""
    given: dict[str, Any] = {
        "labels_id": uuid4(),
        "project": project_id,
        "frame": frame_id,
        "rater": rater,
        "seen_version": version,
        "placed": {key: value for key, value in changes.items() if value is not None},
        "cleared": [key for key, value in changes.items() if value is None],
        "user_id": user_id,
        "changes": changes,
        "effort": effort,
    }
    row = session.execute(_FIRST_SAVE if version == 0 else _NEXT_SAVE, given).one_or_none()
    return None if row is None else (row.version, row.points)


def keys_changed_since(
    session: Session, project_id: UUID, frame_id: UUID, version: int, rater: UUID | None = None
) -> list[str]:
    stmt = (
        select(func.jsonb_object_keys(LabelEvent.changes).label("key"))
        .join(LabelSet, LabelSet.id == LabelEvent.labels_id)
        .where(
            LabelSet.project_id == project_id,
            LabelSet.frame_id == frame_id,
            LabelSet.rater_id.is_not_distinct_from(rater),
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


def points_at(session: Session, project_id: UUID, frame_id: UUID, version: int) -> Points | None:
    """What the saves up to this one say together; None where there is no such save."""
    saves = (
        select(LabelEvent.version, LabelEvent.changes)
        .join(LabelSet, LabelSet.id == LabelEvent.labels_id)
        .where(
            LabelSet.project_id == project_id,
            LabelSet.frame_id == frame_id,
            LabelSet.rater_id.is_(None),
            LabelEvent.version <= version,
        )
        .order_by(LabelEvent.version)
    )
    in_use = {str(id) for id in session.scalars(_KEYPOINTS_IN_USE, {"project": project_id})}
    points: Points = {}
    last = 0
    for row in session.execute(saves):
        points.update(row.changes)
        last = row.version
    said = {key: point for key, point in points.items() if point is not None and key.split("/")[1] in in_use}
    return said if last == version else None
