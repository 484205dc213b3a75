"""Several networks as one: smoothed tracks with an honest uncertainty."""

from uuid import UUID

from tailbase_api.deps import EditorAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.ensembles import running, service
from tailbase_api.ensembles.schemas import (
    EnsembleIn,
    EnsembleOut,
    EnsemblePatch,
    RunIn,
    RunReply,
    SmootherOut,
    TrainedReply,
    TrainEnsembleIn,
)
from tailbase_api.ensembles.smoothers import smoothers
from tailbase_api.jobs.limits import EditorAsks
from tailbase_api.jobs.service import job_out
from tailbase_api.models.schemas import ModelOut
from tailbase_api.pagination import Page, PageDep
from tailbase_api.predictions.service import shown
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed

router = feature_router("ensembles")
ENSEMBLES = "/projects/{project_id}/ensembles"
ENSEMBLE = ENSEMBLES + "/{ensemble_id}"


@router.get("/projects/{project_id}/smoothers")
def list_smoothers(access: ViewerAccess, session: SessionDep) -> list[SmootherOut]:
    """The ways to smooth, and which suits the project's keypoints, cameras and calibrations."""
    return smoothers(session, access.project_id)


@router.get(ENSEMBLES)
def list_ensembles(access: ViewerAccess, session: SessionDep, page: PageDep) -> Page[EnsembleOut]:
    return service.page(session, access.project_id, page)


@router.post(ENSEMBLES, status_code=201)
def create_ensemble(access: EditorAccess, session: SessionDep, body: EnsembleIn) -> EnsembleOut:
    return service.create(session, access, body)


@router.post(ENSEMBLES + "/train", status_code=202)
def train_ensemble(
    access: EditorAsks, session: SessionDep, services: ServicesDep, body: TrainEnsembleIn
) -> TrainedReply:
    """N trainings side by side, then the chosen videos, then their smoothing: one job with one state."""
    ensemble, models, asked = running.train(session, access, body)
    return TrainedReply(
        ensemble=service.one(session, access.project_id, ensemble.id),
        models=[ModelOut.model_validate(model) for model in models],
        predictions=shown(session, services.store, access.project_id, asked.prediction_ids),
        job=job_out(asked.jobs[0], services.store),
    )


@router.get(ENSEMBLE)
def read_ensemble(access: ViewerAccess, session: SessionDep, ensemble_id: UUID) -> EnsembleOut:
    return service.one(session, access.project_id, ensemble_id)


@router.patch(ENSEMBLE)
def change_ensemble(access: EditorAccess, session: SessionDep, ensemble_id: UUID, body: EnsemblePatch) -> EnsembleOut:
    return service.change(session, access, ensemble_id, body)


@router.delete(ENSEMBLE)
def delete_ensemble(access: EditorAccess, session: SessionDep, ensemble_id: UUID) -> Freed:
    return Freed(bytes_freed=service.to_trash(session, access, ensemble_id))


@router.post(ENSEMBLE + "/run", status_code=202)
def run_ensemble(
    access: EditorAsks, session: SessionDep, services: ServicesDep, ensemble_id: UUID, body: RunIn
) -> RunReply:
    asked = running.run(session, access, ensemble_id, body)
    return RunReply(
        predictions=shown(session, services.store, access.project_id, asked.prediction_ids),
        jobs=[job_out(job, services.store) for job in asked.jobs],
        skipped=asked.skipped,
    )
