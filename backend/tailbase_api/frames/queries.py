"""SQL of frames."""

from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, case, func, select, tuple_, update
from sqlalchemy.orm import Session

from tailbase_api.frames.schemas import ALL, Wanted
from tailbase_core.errors import NotFound
from tailbase_core.prelabel_settings import PrelabelSettings
from tailbase_core.tables import (
    Frame,
    Keypoint,
    LabelSet,
    Membership,
    Model,
    Prediction,
    Prelabel,
    PrelabelRound,
    Project,
    Video,
)

Json = dict[str, Any]
Points = dict[str, Any]
FrameRow = Row[Frame, str, Json, Points, UUID | None, Points]


def frames(
    project_id: UUID, wanted: Wanted = ALL, round_model: UUID | None = None
) -> Select[Frame, str, Json, Points, UUID | None, Points]:
    """Frames with the name and crop of their video, the points of their shared label set, and a model's pre-labels.

    The model is that of the latest finished round, or `round_model`.
    """
    model = latest_round(project_id).scalar_subquery() if round_model is None else round_model
    stmt = (
        select(Frame, Video.name.label("video_name"), Video.crop, LabelSet.points, Prelabel.model_id, Prelabel.points)
        .outerjoin(Video, Video.id == Frame.video_id)
        .outerjoin(LabelSet, (LabelSet.frame_id == Frame.id) & LabelSet.rater_id.is_(None))
        .outerjoin(Prelabel, (Prelabel.frame_id == Frame.id) & (Prelabel.model_id == model))
        .where(Frame.project_id == project_id, Frame.deleted_at.is_(None))
    )
    if wanted.state is not None:
        stmt = stmt.where(Frame.state == wanted.state)
    if wanted.video_id is not None:
        stmt = stmt.where(Frame.video_id == wanted.video_id)
    if wanted.second_rater is not None:
        stmt = stmt.where(Frame.second_rater_id == wanted.second_rater)
    return stmt


def latest_round(project_id: UUID) -> Select[UUID]:
    """The model of the latest round of pre-labels that is ready."""
    ready = (PrelabelRound.project_id == project_id) & PrelabelRound.ready_at.is_not(None)
    models = select(PrelabelRound.model_id).join(Model, Model.id == PrelabelRound.model_id)
    living = models.where(ready, Model.deleted_at.is_(None))
    return living.order_by(PrelabelRound.number.desc()).limit(1)


def by_benefit(
    session: Session,
    project_id: UUID,
    model_id: UUID,
    after: tuple[float, UUID] | None,
    limit: int,
    wanted: Wanted,
) -> list[tuple[FrameRow, float]]:
    """Frames with their expected benefit, the largest first.

    Those the model has not looked at come later, and those that are skipped last.
    """
    score = case((Frame.skipped.is_not(None), -2.0), else_=func.coalesce(Prelabel.benefit, -1.0))
    stmt = frames(project_id, wanted, model_id).add_columns(score.label("benefit"))
    if after is not None:
        stmt = stmt.where(tuple_(score, Frame.id) < after)
    rows = session.execute(stmt.order_by(score.desc(), Frame.id.desc()).limit(limit)).all()
    return [(cast(FrameRow, row[:-1]), row[-1]) for row in rows]


def blind_share(session: Session, project_id: UUID) -> float:
    return PrelabelSettings.of(session.scalar(select(Project.settings).where(Project.id == project_id))).blind_share


def frame(session: Session, project_id: UUID, frame_id: UUID) -> FrameRow:
    row = session.execute(frames(project_id).where(Frame.id == frame_id)).one_or_none()
    if row is None:
        raise NotFound("frame")
    return row


def keypoints_in_use(session: Session, project_id: UUID) -> set[str]:
    stmt = select(Keypoint.id).where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))
    return {str(keypoint) for keypoint in session.scalars(stmt)}


def set_state(session: Session, project_id: UUID, frame_id: UUID, before: str, after: str) -> bool:
    """Whether the frame was still in state `before` and is in state `after` now."""
    stmt = (
        update(Frame)
        .where(Frame.project_id == project_id, Frame.id == frame_id, Frame.state == before)
        .values(state=after)
        .returning(Frame.id)
    )
    return session.execute(stmt).one_or_none() is not None


def is_member(session: Session, project_id: UUID, user_id: UUID) -> bool:
    stmt = select(Membership.user_id).where(Membership.project_id == project_id, Membership.user_id == user_id)
    return session.scalar(stmt) is not None


def set_fields(session: Session, project_id: UUID, frame_ids: Collection[UUID], **values: UUID | str | None) -> int:
    """How many frames there were to change."""
    stmt = update(Frame).where(Frame.project_id == project_id, Frame.id.in_(frame_ids), Frame.deleted_at.is_(None))
    return len(session.scalars(stmt.values(**values).returning(Frame.id)).all())


def waiting(session: Session, project_id: UUID, count: int, *, second: bool) -> Sequence[UUID]:
    """Frames to hand out: unassigned ones nobody has finished, or, a second time, finished ones."""
    stmt = select(Frame.id).where(Frame.project_id == project_id, Frame.deleted_at.is_(None))
    if second:
        stmt = stmt.where(Frame.second_rater_id.is_(None), Frame.state.in_(("submitted", "accepted")))
        # By their ids, which say nothing about the frames: people differ more on hard ones.
        return session.scalars(stmt.order_by(Frame.id).limit(count)).all()
    stmt = stmt.where(Frame.assignee_id.is_(None), Frame.state.in_(("todo", "draft")), Frame.skipped.is_(None))
    order = (Frame.score.desc().nulls_last(), Frame.created_at, Frame.id)
    return session.scalars(stmt.order_by(*order).limit(count).with_for_update(skip_locked=True)).all()


def to_trash(session: Session, project_id: UUID, frame_id: UUID) -> int | None:
    """The bytes that emptying the trash will free, or None where there is no such frame."""
    stmt = (
        update(Frame)
        .where(Frame.project_id == project_id, Frame.id == frame_id, Frame.deleted_at.is_(None))
        .values(deleted_at=func.now())
        .returning(Frame.size_bytes)
    )
    return session.scalar(stmt)


def latest_predictions(session: Session, project_id: UUID, video_id: UUID, limit: int) -> Sequence[UUID]:
    """Predictions of a video by networks that are ready, the latest first."""
    stmt = select(Prediction.id).where(
        Prediction.project_id == project_id,
        Prediction.video_id == video_id,
        Prediction.state == "ready",
        Prediction.parquet_key.is_not(None),
        Prediction.deleted_at.is_(None),
    )
    return session.scalars(stmt.order_by(Prediction.created_at.desc(), Prediction.id).limit(limit)).all()


def videos(session: Session, project_id: UUID, video_ids: Collection[UUID]) -> Sequence[Video]:
    stmt = select(Video).where(Video.project_id == project_id, Video.id.in_(video_ids), Video.deleted_at.is_(None))
    return session.scalars(stmt).all()
