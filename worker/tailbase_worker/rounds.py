"""A round of pre-labels: a short training on what there is, and then the points of every frame that waits."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tailbase_core import jobs
from tailbase_core.prelabel_settings import PrelabelSettings
from tailbase_core.shares import HELD_OUT_SHARE, in_share
from tailbase_core.tables import Frame, Model, PrelabelRound, Project
from tailbase_worker.work import Work

KIND = "prelabel"
KEPT = 3
"""Rounds whose pre-labels of waiting frames are kept: networks that differ tell where a label would help."""


def split(work: Work, images: dict[str, str]) -> dict[str, Any]:
    """What a round adds to its spec: no round learns from a fixed share of frames, so that all are measured alike.

    `images` gives the key of each image of the snapshot; its folder is named for the frame.
    """
    if not work.claim.spec.get("round"):
        return {}
    held_out = sorted(path for path, key in images.items() if in_share(UUID(Path(key).parent.name), HELD_OUT_SHARE))
    shares = {"validation": 0.0, "test": 0.0}
    if not held_out or len(held_out) == len(images):
        return {"split": {"method": "random", **shares}}
    return {"split": {"method": "explicit", "validation_images": held_out, **shares}}


def earlier(session: Session, model: Model) -> Model | None:
    """The model a round begins with, where it still is."""
    if model.parent_id is None:
        return None
    found = select(Model).where(Model.id == model.parent_id, Model.project_id == model.project_id)
    return session.scalar(found.where(Model.artifact_key.is_not(None), Model.deleted_at.is_(None)))


def trained(session: Session, work: Work, model: Model, metrics: dict[str, Any], held_out: int) -> None:
    """After a round's training: note its error, and have the waiting frames looked at."""
    if not work.claim.spec.get("round"):
        return
    error = metrics.get("validation", {}).get("mean_px")
    session.execute(
        update(PrelabelRound)
        .where(PrelabelRound.project_id == model.project_id, PrelabelRound.model_id == model.id)
        .values(error_px=error, held_out=held_out)
    )
    look(session, model.project_id, model.id, work.claim.user_id)


def look(session: Session, project_id: UUID, model_id: UUID, user_id: UUID | None) -> None:
    """Queue the prediction of the frames that wait."""
    jobs.enqueue(
        session,
        project_id=project_id,
        user_id=user_id,
        kind=KIND,
        spec={"model_id": str(model_id)},
        title="Pre-label the frames that wait",
        priority=0,
    )


def look_at_more(session: Session, project_id: UUID, user_id: UUID | None) -> None:
    """After frames were added: have the latest round look at them too."""
    if not PrelabelSettings.of(session.scalar(select(Project.settings).where(Project.id == project_id))).on:
        return
    models = latest(session, project_id, 1)
    if models:
        look(session, project_id, models[0], user_id)


def latest(session: Session, project_id: UUID, count: int) -> list[UUID]:
    """Models of the rounds that are ready, the latest first."""
    ready = select(PrelabelRound.model_id).where(
        PrelabelRound.project_id == project_id, PrelabelRound.ready_at.is_not(None)
    )
    return list(session.scalars(ready.order_by(PrelabelRound.number.desc()).limit(count)))


def make_ready(session: Session, project_id: UUID, model_id: UUID) -> None:
    """From now on pages show this round's points."""
    session.execute(
        update(PrelabelRound)
        .where(PrelabelRound.project_id == project_id, PrelabelRound.model_id == model_id)
        .where(PrelabelRound.ready_at.is_(None))
        .values(ready_at=func.now())
    )


def waiting(session: Session, project_id: UUID) -> list[Frame]:
    """Frames nobody has finished, the oldest first."""
    query = select(Frame).where(
        Frame.project_id == project_id,
        Frame.state.in_(("todo", "draft")),
        Frame.deleted_at.is_(None),
        Frame.image_key.is_not(None),
    )
    return list(session.scalars(query.order_by(Frame.created_at, Frame.id)))
