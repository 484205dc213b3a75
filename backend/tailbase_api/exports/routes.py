"""Labels and predictions, taken out."""

from tailbase_api.deps import ServicesDep, SessionDep
from tailbase_api.exports import service
from tailbase_api.exports.schemas import ExportIn
from tailbase_api.jobs.limits import AnnotatorAsks
from tailbase_api.jobs.schemas import JobReply
from tailbase_api.jobs.service import job_out
from tailbase_api.routing import feature_router

router = feature_router("exports")


@router.post("/projects/{project_id}/exports", status_code=202)
def create_export(access: AnnotatorAsks, session: SessionDep, services: ServicesDep, body: ExportIn) -> JobReply:
    """The files are the `artifacts` of the job."""
    return JobReply(job=job_out(service.create(session, access, body), services.store))
