"""Rows of predictions to be. API and worker both ask for them, and two who ask at once do not make the same twice."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase_core.tables import Prediction

Source = Literal["model_id", "ensemble_id"]


def reserve(
    session: Session, project_id: UUID, source: Source, source_id: UUID, video_ids: Sequence[UUID], again: bool = False
) -> dict[UUID, UUID]:
    """Video to prediction, for those videos that a model or an ensemble is now to look at.

    A row whose job failed or was cancelled is used again, and with `again` one that is ready; videos with any other
    row are left out.
    """
    reused = ("failed", "cancelled", "ready") if again else ("failed", "cancelled")
    column: Any = getattr(Prediction, source)
    stmt = (
        insert(Prediction)
        .values([{"project_id": project_id, source: source_id, "video_id": id, "state": "queued"} for id in video_ids])
        .on_conflict_do_update(
            index_elements=[column, Prediction.video_id],
            index_where=Prediction.deleted_at.is_(None),
            set_={"state": "queued"},
            where=Prediction.state.in_(reused),
        )
        .returning(Prediction.video_id, Prediction.id)
    )
    return {row.video_id: row.id for row in session.execute(stmt)}


def set_job(session: Session, project_id: UUID, prediction_ids: Sequence[UUID], job_id: UUID) -> None:
    """The job whose state these predictions show."""
    these = update(Prediction).where(Prediction.project_id == project_id, Prediction.id.in_(prediction_ids))
    session.execute(these.values(job_id=job_id))
