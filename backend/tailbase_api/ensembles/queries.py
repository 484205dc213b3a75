"""SQL of ensembles, their members, and the cameras of recordings."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Ensemble, EnsembleMember, Keypoint, Model, Prediction, Recording, Video, View


def ensembles(project_id: UUID) -> Select[Ensemble]:
    return select(Ensemble).where(Ensemble.project_id == project_id, Ensemble.deleted_at.is_(None))


def ensemble(session: Session, project_id: UUID, ensemble_id: UUID) -> Ensemble:
    found = session.scalar(ensembles(project_id).where(Ensemble.id == ensemble_id))
    if found is None:
        raise NotFound("ensemble")
    return found


def count(session: Session, project_id: UUID) -> int:
    """All that ever were, so that a number in a name is not given twice."""
    return session.scalar(select(func.count()).select_from(Ensemble).where(Ensemble.project_id == project_id)) or 0


def add_members(session: Session, ensemble_id: UUID, model_ids: Sequence[UUID]) -> None:
    rows = [{"ensemble_id": ensemble_id, "model_id": id, "position": place} for place, id in enumerate(model_ids)]
    session.execute(insert(EnsembleMember), rows)


def members(session: Session, ensemble_ids: Collection[UUID]) -> dict[UUID, list[Model]]:
    """The models of each ensemble in their order, those in the trash too."""
    stmt = (
        select(EnsembleMember.ensemble_id, Model)
        .join(Model, Model.id == EnsembleMember.model_id)
        .where(EnsembleMember.ensemble_id.in_(ensemble_ids))
        .order_by(EnsembleMember.position)
    )
    found: dict[UUID, list[Model]] = {id: [] for id in ensemble_ids}
    for ensemble_id, model in session.execute(stmt):
        found[ensemble_id].append(model)
    return found


def prediction_states(session: Session, ensemble_ids: Collection[UUID]) -> Sequence[Row[UUID | None, str, int]]:
    """How many predictions of each ensemble are in each state."""
    stmt = (
        select(Prediction.ensemble_id, Prediction.state, func.count())
        .join(Video, Video.id == Prediction.video_id)
        .where(Prediction.ensemble_id.in_(ensemble_ids), Prediction.deleted_at.is_(None), Video.deleted_at.is_(None))
        .group_by(Prediction.ensemble_id, Prediction.state)
    )
    return session.execute(stmt).all()


def predicted(session: Session, project_id: UUID, model_id: UUID, video_ids: Collection[UUID]) -> set[UUID]:
    """Those of the videos that a model has ready poses of."""
    stmt = select(Prediction.video_id).where(
        Prediction.project_id == project_id,
        Prediction.model_id == model_id,
        Prediction.video_id.in_(video_ids),
        Prediction.state == "ready",
        Prediction.deleted_at.is_(None),
    )
    return set(session.scalars(stmt))


def jobs(session: Session, project_id: UUID, ensemble_id: UUID) -> Sequence[UUID | None]:
    stmt = select(Prediction.job_id).where(Prediction.project_id == project_id, Prediction.ensemble_id == ensemble_id)
    return session.scalars(stmt.distinct()).all()


def to_trash(session: Session, project_id: UUID, ensemble_id: UUID) -> int:
    """Ensemble and predictions go together; its members stay. Gives the bytes of the predictions."""
    trashed = update(Prediction).where(
        Prediction.project_id == project_id, Prediction.ensemble_id == ensemble_id, Prediction.deleted_at.is_(None)
    )
    sizes = session.scalars(trashed.values(deleted_at=func.now()).returning(Prediction.size_bytes)).all()
    own = update(Ensemble).where(Ensemble.project_id == project_id, Ensemble.id == ensemble_id)
    session.execute(own.values(deleted_at=func.now()))
    return sum(sizes)


def filmed(session: Session, project_id: UUID, recording_ids: Collection[UUID]) -> Sequence[Row[Video, str]]:
    """All videos of these recordings that come from a camera with a name."""
    stmt = (
        select(Video, View.name)
        .join(View, View.id == Video.view_id)
        .where(Video.project_id == project_id, Video.recording_id.in_(recording_ids), Video.deleted_at.is_(None))
    )
    return session.execute(stmt.order_by(View.position, View.name, Video.id)).all()


def cameras(session: Session, project_id: UUID) -> list[str]:
    """Names of the views that videos come from."""
    stmt = (
        select(View.name, View.position)
        .join(Video, Video.view_id == View.id)
        .where(View.project_id == project_id, Video.deleted_at.is_(None))
        .distinct()
    )
    return [row[0] for row in session.execute(stmt.order_by(View.position, View.name))]


def timed_cameras(session: Session, project_id: UUID) -> list[str]:
    """Names of the views of which some video has the times of its frames."""
    stmt = select(View.name).join(Video, Video.view_id == View.id).where(View.project_id == project_id)
    stmt = stmt.where(Video.deleted_at.is_(None), Video.camera_times_key.is_not(None))
    return list(session.scalars(stmt.distinct()))


def keypoints(session: Session, project_id: UUID) -> Sequence[Row[str, str | None]]:
    """Names of the keypoints in use, each with the name of its mirror."""
    stmt = (
        select(Keypoint.name, View.name)
        .outerjoin(View, View.id == Keypoint.view_id)
        .where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))
    )
    return session.execute(stmt.order_by(Keypoint.position)).all()


def recordings(session: Session, project_id: UUID, ids: Collection[UUID]) -> dict[UUID, Recording]:
    stmt = select(Recording).where(Recording.project_id == project_id, Recording.id.in_(ids))
    return {row.id: row for row in session.scalars(stmt)}


def calibrated(session: Session, project_id: UUID) -> bool:
    """Whether any recording has a calibration."""
    stmt = select(Recording.id).where(
        Recording.project_id == project_id, Recording.calibration_key.is_not(None), Recording.deleted_at.is_(None)
    )
    return session.scalar(stmt.limit(1)) is not None
