"""Asking for files of labels or predictions."""

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.exports.schemas import ExportIn
from tailbase_api.jobs import service as jobs
from tailbase_api.predictions import service as predictions
from tailbase_core.errors import Conflict
from tailbase_core.tables import Job


def create(session: Session, access: Access, body: ExportIn) -> Job:
    spec = body.model_dump(mode="json", exclude_none=True)
    if body.prediction_ids is not None:
        chosen = predictions.some(session, access.project_id, body.prediction_ids)
        if any(prediction.state != "ready" for prediction in chosen):
            raise Conflict("prediction.not_ready", "Some of these predictions are not ready. Wait, or leave them out.")
    audit.record(session, access.user, access.project_id, "project.export", what=body.what, format=body.format)
    work = jobs.Work(f"Export {body.what} as {body.format}", spec)
    return jobs.submit(session, access, "export", [work], priority=jobs.INTERACTIVE)[0]
