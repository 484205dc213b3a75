"""SQL of predictions."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Ensemble, Model, Prediction, Video

PredictionRow = Row[Prediction, Model | None, Ensemble | None, str]


def predictions(
    project_id: UUID, video_id: UUID | None = None, model_id: UUID | None = None, ensemble_id: UUID | None = None
) -> Select[Prediction, Model | None, Ensemble | None, str]:
    """Predictions with what made them, a model or an ensemble, and the name of their video."""
    stmt = (
        select(Prediction, Model, Ensemble, Video.name.label("video_name"))
        .outerjoin(Model, Model.id == Prediction.model_id)
        .outerjoin(Ensemble, Ensemble.id == Prediction.ensemble_id)
        .join(Video, Video.id == Prediction.video_id)
        .where(Prediction.project_id == project_id, Prediction.deleted_at.is_(None), Video.deleted_at.is_(None))
    )
    if video_id is not None:
        stmt = stmt.where(Prediction.video_id == video_id)
    if model_id is not None:
        stmt = stmt.where(Prediction.model_id == model_id)
    return stmt if ensemble_id is None else stmt.where(Prediction.ensemble_id == ensemble_id)


def prediction(session: Session, project_id: UUID, prediction_id: UUID) -> PredictionRow:
    row = session.execute(predictions(project_id).where(Prediction.id == prediction_id)).one_or_none()
    if row is None:
        raise NotFound("prediction")
    return row


def some(session: Session, project_id: UUID, prediction_ids: Collection[UUID]) -> Sequence[PredictionRow]:
    """In the order they were made."""
    stmt = predictions(project_id).where(Prediction.id.in_(prediction_ids))
    return session.execute(stmt.order_by(Prediction.created_at, Video.name, Prediction.id)).all()


def videos(session: Session, project_id: UUID, video_ids: Collection[UUID]) -> Sequence[Video]:
    stmt = select(Video).where(Video.project_id == project_id, Video.id.in_(video_ids), Video.deleted_at.is_(None))
    return session.scalars(stmt).all()


def to_trash(session: Session, project_id: UUID, prediction_id: UUID) -> int:
    stmt = (
        update(Prediction)
        .where(Prediction.project_id == project_id, Prediction.id == prediction_id, Prediction.deleted_at.is_(None))
        .values(deleted_at=func.now())
        .returning(Prediction.size_bytes)
    )
    return session.scalar(stmt) or 0
