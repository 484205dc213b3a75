"""What models say about videos."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from tailbase_api.deps import EditorAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.jobs.limits import EditorAsks
from tailbase_api.jobs.schemas import JobReply
from tailbase_api.jobs.service import job_out
from tailbase_api.pagination import Page, PageDep
from tailbase_api.predictions import imported, service
from tailbase_api.predictions.schemas import ImportPredictionsIn, PredictIn, PredictionOut, PredictReply
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed

router = feature_router("predictions")
PREDICTIONS = "/projects/{project_id}/predictions"


@router.get(PREDICTIONS)
def list_predictions(
    access: ViewerAccess,
    session: SessionDep,
    services: ServicesDep,
    page: PageDep,
    video: Annotated[UUID | None, Query()] = None,
    model: Annotated[UUID | None, Query()] = None,
    ensemble: Annotated[UUID | None, Query()] = None,
) -> Page[PredictionOut]:
    return service.page(session, services.store, access.project_id, page, video, model, ensemble)


@router.post(PREDICTIONS, status_code=202)
def create_predictions(access: EditorAsks, session: SessionDep, services: ServicesDep, body: PredictIn) -> PredictReply:
    predictions, jobs, skipped = service.create(session, services.store, access, body)
    return PredictReply(predictions=predictions, jobs=[job_out(job, services.store) for job in jobs], skipped=skipped)


@router.post(PREDICTIONS + "/import", status_code=202)
def import_predictions(
    access: EditorAsks, session: SessionDep, services: ServicesDep, body: ImportPredictionsIn
) -> JobReply:
    """Poses that another program found. The job's result names the model; a file that does not fit fails it."""
    return JobReply(job=job_out(imported.create(session, services.settings, access, body), services.store))


@router.get(PREDICTIONS + "/{prediction_id}")
def read_prediction(
    access: ViewerAccess, session: SessionDep, services: ServicesDep, prediction_id: UUID
) -> PredictionOut:
    return service.one(session, services.store, access.project_id, prediction_id)


@router.delete(PREDICTIONS + "/{prediction_id}")
def delete_prediction(access: EditorAccess, session: SessionDep, prediction_id: UUID) -> Freed:
    return Freed(bytes_freed=service.to_trash(session, access, prediction_id))
