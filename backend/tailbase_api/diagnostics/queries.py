"""SQL of evaluations and measures."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Evaluation, Job, Model, Prediction, TrackMeasures, Video


def evaluation(session: Session, project_id: UUID, model_id: UUID) -> Evaluation | None:
    return session.scalar(
        select(Evaluation).where(Evaluation.project_id == project_id, Evaluation.model_id == model_id)
    )


def latest_job(session: Session, project_id: UUID, model_id: UUID) -> Job | None:
    """The last that was asked to measure the model."""
    stmt = select(Job).where(
        Job.project_id == project_id, Job.kind == "evaluate", Job.spec["model_id"].astext == str(model_id)
    )
    return session.scalar(stmt.order_by(Job.created_at.desc(), Job.id).limit(1))


def evaluated(session: Session, project_id: UUID, model_ids: Collection[UUID]) -> int:
    """How many of the models were measured."""
    stmt = select(func.count()).select_from(Evaluation).join(Model, Model.id == Evaluation.model_id)
    alive = Model.deleted_at.is_(None)
    return session.scalar(stmt.where(Evaluation.project_id == project_id, Model.id.in_(model_ids), alive)) or 0


def comparison(session: Session, project_id: UUID, job_id: UUID) -> Job:
    stmt = select(Job).where(Job.project_id == project_id, Job.id == job_id, Job.kind == "evaluate")
    if (found := session.scalar(stmt.where(Job.spec.has_key("model_ids")))) is None:
        raise NotFound("comparison")
    return found


def tracks(project_id: UUID, model_id: UUID) -> Select[Prediction, TrackMeasures, str]:
    """A model's measured predictions, with the name of their video."""
    return (
        select(Prediction, TrackMeasures, Video.name)
        .join(TrackMeasures, TrackMeasures.prediction_id == Prediction.id)
        .join(Video, Video.id == Prediction.video_id)
        .where(Prediction.project_id == project_id, Prediction.model_id == model_id)
        .where(Prediction.deleted_at.is_(None), Video.deleted_at.is_(None), Prediction.state == "ready")
    )


def measures(session: Session, project_id: UUID, prediction_id: UUID) -> TrackMeasures | None:
    stmt = select(TrackMeasures).where(
        TrackMeasures.project_id == project_id, TrackMeasures.prediction_id == prediction_id
    )
    return session.scalar(stmt)
