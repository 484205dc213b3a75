"""SQL of predictions."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Model, Prediction, Video

PredictionRow = Row[Prediction, Model, str]


def predictions(
    project_id: UUID, video_id: UUID | None = None, model_id: UUID | None = None
) -> Select[Prediction, Model, str]:
    """Predictions with their model and the name of their video."""
    stmt = (
        select(Prediction, Model, Video.name.label("video_name"))
        .join(Model, Model.id == Prediction.model_id)
        .join(Video, Video.id == Prediction.video_id)
        .where(Prediction.project_id == project_id, Prediction.deleted_at.is_(None), Video.deleted_at.is_(None))
    )
    if video_id is not None:
        stmt = stmt.where(Prediction.video_id == video_id)
    if model_id is not None:
        stmt = stmt.where(Prediction.model_id == model_id)
    return stmt


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


def reserve(session: Session, project_id: UUID, model_id: UUID, video_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Video to prediction, for those videos the model is now to look at. Two who ask at once do not get the same.

    A row whose job failed or was cancelled is used again.
    """
    rows = [
        {"project_id": project_id, "model_id": model_id, "video_id": video_id, "state": "queued"}
        for video_id in video_ids
    ]
    stmt = (
        insert(Prediction)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[Prediction.model_id, Prediction.video_id],
            index_where=Prediction.deleted_at.is_(None),
            set_={"state": "queued"},
            where=Prediction.state.in_(("failed", "cancelled")),
        )
        .returning(Prediction.video_id, Prediction.id)
    )
    return {row.video_id: row.id for row in session.execute(stmt)}


def set_job(session: Session, project_id: UUID, prediction_id: UUID, job_id: UUID) -> None:
    session.execute(
        update(Prediction)
        .where(Prediction.project_id == project_id, Prediction.id == prediction_id)
        .values(job_id=job_id)
    )


def to_trash(session: Session, project_id: UUID, prediction_id: UUID) -> int:
    stmt = (
        update(Prediction)
        .where(Prediction.project_id == project_id, Prediction.id == prediction_id, Prediction.deleted_at.is_(None))
        .values(deleted_at=func.now())
        .returning(Prediction.size_bytes)
    )
    return session.scalar(stmt) or 0
