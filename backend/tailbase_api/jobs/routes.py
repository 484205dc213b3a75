"""Long work: its state, its story and its results."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import RedirectResponse

from tailbase_api.deps import EditorAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.jobs import service
from tailbase_api.jobs.schemas import JobDetail, JobEvents, JobKind, JobOut, JobState
from tailbase_api.pagination import Page, PageDep
from tailbase_api.routing import feature_router

router = feature_router("jobs")
JOBS = "/projects/{project_id}/jobs"


@router.get(JOBS)
def list_jobs(
    access: ViewerAccess,
    session: SessionDep,
    services: ServicesDep,
    page: PageDep,
    state: JobState | None = None,
    kind: JobKind | None = None,
) -> Page[JobOut]:
    return service.page(session, services.store, access.project_id, page, state, kind)


@router.get(JOBS + "/{job_id}")
def read_job(access: ViewerAccess, session: SessionDep, services: ServicesDep, job_id: UUID) -> JobDetail:
    return service.detail(session, services.store, access.project_id, job_id)


@router.post(JOBS + "/{job_id}/cancel")
def cancel_job(access: EditorAccess, session: SessionDep, services: ServicesDep, job_id: UUID) -> JobOut:
    return service.cancel(session, services.store, access.project_id, job_id)


@router.get(JOBS + "/{job_id}/events")
def read_job_events(
    access: ViewerAccess,
    session: SessionDep,
    job_id: UUID,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    kind: Annotated[str | None, Query(max_length=20)] = None,
) -> JobEvents:
    return service.events(session, access.project_id, job_id, after, kind)


@router.get(JOBS + "/{job_id}/artifacts/{name}", status_code=307, response_class=RedirectResponse)
def download_job_artifact(
    access: ViewerAccess, session: SessionDep, services: ServicesDep, job_id: UUID, name: str
) -> str:
    """An address that lasts; it leads to a signed one that does not."""
    return service.artifact_url(session, services.store, access.project_id, job_id, name)
