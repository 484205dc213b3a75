"""One move of the state machine: the row, its story, what it works for, and who hears of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from tailbase_core import bell, news
from tailbase_core.tables import Job, JobEvent, Model, Prediction, Video
from tailbase_core.tables.jobs import ENDED

_MODEL_STATES = {"running": "training", "queued": "queued", "failed": "failed", "cancelled": "cancelled"}
_PREDICTION_STATES = {"running": "running", "queued": "queued", "failed": "failed", "cancelled": "cancelled"}


def move(session: Session, job: Job, state: str, *, code: str | None = None, detail: str | None = None) -> None:
    """Bring a locked job into `state`. Success publishes its own results; every other state is mirrored here."""
    job.state = state
    job.error_code, job.error_detail = code, detail
    if state != "running" and state != "cancelling":
        job.lease_until = None
    if state in ENDED:
        job.ended_at = func.now()
    if state == "queued":
        job.rung_at = func.now()
    tell(session, job)


def tell(session: Session, job: Job) -> None:
    """Write the state into the job's story, show it on what the job works for, ring and publish."""
    if job.state == "queued":
        bell.ring_after_commit(session, job.queue)
    session.add(JobEvent(job_id=job.id, attempt=job.attempt, kind="state", data=_story(job)))
    _mirror(session, job)
    news.tell(session, job.project_id, "job", job.id)
    session.flush()


def _story(job: Job) -> dict[str, Any]:
    return {"state": job.state} | ({"code": job.error_code, "detail": job.error_detail} if job.error_code else {})


def _mirror(session: Session, job: Job) -> None:
    """Models, predictions and videos show how their job fares; no video stays `processing` after its job ended."""
    if job.kind == "train" and (state := _MODEL_STATES.get(job.state)):
        session.execute(update(Model).where(Model.job_id == job.id).values(state=state))
    if job.kind in ("predict", "ensemble") and (state := _PREDICTION_STATES.get(job.state)):
        session.execute(update(Prediction).where(Prediction.job_id == job.id).values(state=state))
    if job.kind == "ingest" and job.state in ("failed", "cancelled"):
        session.execute(
            update(Video)
            .where(Video.id.in_(video_ids(job.spec)), Video.project_id == job.project_id, Video.state == "processing")
            .values(state="rejected", error_code=job.error_code or "job.cancelled", error_detail=job.error_detail)
        )


def video_ids(spec: dict[str, Any]) -> list[UUID]:
    """The videos of an ingest job, which names one or a batch."""
    names = spec.get("video_ids") or [spec[key] for key in ("video_id",) if key in spec]
    return [UUID(str(name)) for name in names]
