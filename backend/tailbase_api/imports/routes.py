"""Projects of other programs, brought in."""

from tailbase_api.deps import ServicesDep, SessionDep
from tailbase_api.imports import service
from tailbase_api.imports.schemas import ImportIn
from tailbase_api.jobs.limits import EditorAsks
from tailbase_api.jobs.schemas import JobReply
from tailbase_api.jobs.service import job_out
from tailbase_api.routing import feature_router

router = feature_router("imports")


@router.post("/projects/{project_id}/imports", status_code=202)
def create_import(access: EditorAsks, session: SessionDep, services: ServicesDep, body: ImportIn) -> JobReply:
    """The report is `result.report` of the job, of a dry run as of a real one."""
    return JobReply(job=job_out(service.create(session, services.settings, access, body), services.store))
