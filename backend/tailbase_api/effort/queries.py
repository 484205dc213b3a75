"""SQL of effort. Each save carries what it cost; a frame's cost is the sum of its saves by one person."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Float, Integer, Subquery, Uuid, cast, func, select
from sqlalchemy.orm import Session

from tailbase_core.tables import LabelEvent, LabelSet, Model, User

# People and models of one project; a bound for the reply.
_MOST_ROWS = 1000


@dataclass(frozen=True)
class Sums:
    """Of one person and model; `seconds` and `clicks` are medians a frame."""

    user_id: UUID | None
    user: str | None
    model_id: UUID | None
    model: str | None
    frames: int
    points: int
    seconds: float
    clicks: float
    total_seconds: float
    confirmed: int
    corrected: int
    correction_px: float


def by_person_and_model(session: Session, project_id: UUID) -> list[Sums]:
    frames = _frames(project_id)
    stmt = (
        select(
            frames.c.user_id,
            User.name,
            frames.c.model_id,
            Model.name,
            func.count(),
            cast(func.sum(frames.c.points), BigInteger),
            _median(frames.c.seconds),
            _median(frames.c.clicks),
            func.sum(frames.c.seconds),
            cast(func.sum(frames.c.confirmed), BigInteger),
            cast(func.sum(frames.c.corrected), BigInteger),
            func.sum(frames.c.correction_px),
        )
        .outerjoin(User, User.id == frames.c.user_id)
        .outerjoin(Model, (Model.id == frames.c.model_id) & (Model.project_id == project_id))
        .group_by(frames.c.user_id, User.name, frames.c.model_id, Model.name)
        .order_by(func.count().desc(), User.name, Model.name)
        .limit(_MOST_ROWS)
    )
    return [Sums(*row) for row in session.execute(stmt)]


def _median(column: ColumnElement[float]) -> ColumnElement[float]:
    return func.percentile_cont(0.5).within_group(column)


def _sum(name: str, type_: Float[float] | Integer) -> ColumnElement[float]:
    return func.coalesce(func.sum(cast(LabelEvent.effort[name].astext, type_)), 0)


def _frames(project_id: UUID) -> Subquery:
    """One row a frame and person. Saves of a frame may name the model late: the last one that does counts."""
    told = LabelEvent.effort
    changed = (
        select(func.count()).select_from(func.jsonb_object_keys(LabelEvent.changes).table_valued()).scalar_subquery()
    )
    return (
        select(
            LabelEvent.user_id,
            cast(func.max(told["model_id"].astext), Uuid).label("model_id"),
            func.sum(changed).label("points"),
            _sum("seconds", Float()).label("seconds"),
            _sum("clicks", Integer()).label("clicks"),
            _sum("confirmed", Integer()).label("confirmed"),
            _sum("corrected", Integer()).label("corrected"),
            _sum("correction_px", Float()).label("correction_px"),
        )
        .join(LabelSet, LabelSet.id == LabelEvent.labels_id)
        .where(LabelSet.project_id == project_id, told.op("?")("seconds"))
        .group_by(LabelEvent.labels_id, LabelEvent.user_id)
        .subquery()
    )
