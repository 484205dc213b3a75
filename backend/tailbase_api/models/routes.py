"""Trained networks."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from tailbase_api.deps import EditorAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.jobs.limits import AnnotatorAsks, EditorAsks
from tailbase_api.jobs.schemas import JobReply
from tailbase_api.jobs.service import job_out
from tailbase_api.models import service
from tailbase_api.models.fields import TrainField, train_fields
from tailbase_api.models.schemas import (
    CurvePoint,
    EvaluateIn,
    HeatmapIn,
    ModelFiles,
    ModelIn,
    ModelOut,
    ModelPatch,
    ModelReply,
    PresetOut,
)
from tailbase_api.pagination import Page, PageDep
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed

router = feature_router("models")
MODELS = "/projects/{project_id}/models"
MODEL = MODELS + "/{model_id}"


@router.get("/projects/{project_id}/presets")
def list_presets(access: ViewerAccess, session: SessionDep) -> list[PresetOut]:
    """With specs suited to the labels and workers there are."""
    return service.presets(session, access.project_id)


@router.get("/projects/{project_id}/train-fields")
def list_train_fields(_access: ViewerAccess) -> list[TrainField]:
    """Every setting of a training with its bounds and what it does; the presets' specs have their values."""
    return train_fields()


@router.get(MODELS)
def list_models(access: ViewerAccess, session: SessionDep, page: PageDep) -> Page[ModelOut]:
    return service.page(session, access.project_id, page)


@router.post(MODELS, status_code=202)
def create_model(access: EditorAsks, session: SessionDep, services: ServicesDep, body: ModelIn) -> ModelReply:
    model, job = service.create(session, access, body)
    return ModelReply(model=model, job=job_out(job, services.store))


@router.get(MODEL)
def read_model(access: ViewerAccess, session: SessionDep, model_id: UUID) -> ModelOut:
    return service.one(session, access.project_id, model_id)


@router.patch(MODEL)
def rename_model(access: EditorAccess, session: SessionDep, model_id: UUID, body: ModelPatch) -> ModelOut:
    return service.rename(session, access.project_id, model_id, body.name)


@router.delete(MODEL)
def delete_model(access: EditorAccess, session: SessionDep, model_id: UUID) -> Freed:
    return Freed(bytes_freed=service.to_trash(session, access, model_id))


@router.get(MODEL + "/curves")
def read_model_curves(
    access: ViewerAccess, session: SessionDep, model_id: UUID, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> list[CurvePoint]:
    return service.curves(session, access.project_id, model_id, after)


@router.post(MODEL + "/evaluate", status_code=202)
def evaluate_model(
    access: EditorAsks, session: SessionDep, services: ServicesDep, model_id: UUID, body: EvaluateIn
) -> JobReply:
    return JobReply(job=job_out(service.evaluate(session, access, model_id, body), services.store))


@router.post(MODEL + "/heatmap", status_code=202)
def draw_heatmap(
    access: AnnotatorAsks, session: SessionDep, services: ServicesDep, model_id: UUID, body: HeatmapIn
) -> JobReply:
    return JobReply(job=job_out(service.heatmap(session, access, model_id, body), services.store))


@router.get(MODEL + "/download")
def download_model(access: ViewerAccess, session: SessionDep, services: ServicesDep, model_id: UUID) -> ModelFiles:
    return service.files(session, services.store, access.project_id, model_id)
