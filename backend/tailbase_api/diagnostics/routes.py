"""How good models are, and how plausible what they predict is."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from tailbase.schema import Name
from tailbase_api.deps import ServicesDep, SessionDep, ViewerAccess
from tailbase_api.diagnostics import service
from tailbase_api.diagnostics.schemas import (
    CompareIn,
    ComparisonOut,
    EvaluationReply,
    Part,
    PointError,
    TrackFigures,
    TrackReply,
)
from tailbase_api.jobs.limits import EditorAsks
from tailbase_api.jobs.schemas import JobReply
from tailbase_api.jobs.service import job_out
from tailbase_api.pagination import Page, PageDep
from tailbase_api.routing import feature_router

router = feature_router("diagnostics")
MODEL = "/projects/{project_id}/models/{model_id}"
COMPARISONS = "/projects/{project_id}/comparisons"


@router.get(MODEL + "/evaluation")
def read_evaluation(
    access: ViewerAccess, session: SessionDep, services: ServicesDep, model_id: UUID
) -> EvaluationReply:
    """The latest errors of the model over all labels; asked for by POST .../evaluate with split current or all."""
    return service.evaluation(session, services.store, access.project_id, model_id)


@router.get(MODEL + "/errors")
def list_errors(
    access: ViewerAccess,
    session: SessionDep,
    services: ServicesDep,
    page: PageDep,
    model_id: UUID,
    keypoint: Annotated[Name | None, Query()] = None,
    part: Annotated[Part | None, Query()] = None,
) -> Page[PointError]:
    """Every labelled point of the evaluation, the greatest error first."""
    return service.errors(session, services.store, access.project_id, model_id, page, keypoint, part)


@router.get(MODEL + "/tracks")
def list_tracks(access: ViewerAccess, session: SessionDep, page: PageDep, model_id: UUID) -> Page[TrackFigures]:
    """The videos the model predicted, with measures that need no labels of them."""
    return service.tracks(session, access.project_id, model_id, page)


@router.get("/projects/{project_id}/predictions/{prediction_id}/measures")
def read_measures(access: ViewerAccess, session: SessionDep, services: ServicesDep, prediction_id: UUID) -> TrackReply:
    """The same of one prediction, with traces and the worst frames."""
    return service.track(session, services.store, access.project_id, prediction_id)


@router.post(COMPARISONS, status_code=202)
def create_comparison(access: EditorAsks, session: SessionDep, services: ServicesDep, body: CompareIn) -> JobReply:
    """Errors of several models against their spread, and their mean over splits."""
    return JobReply(job=job_out(service.compare(session, access, body.model_ids), services.store))


@router.get(COMPARISONS + "/{job_id}")
def read_comparison(access: ViewerAccess, session: SessionDep, services: ServicesDep, job_id: UUID) -> ComparisonOut:
    return service.comparison(session, services.store, access.project_id, job_id)
