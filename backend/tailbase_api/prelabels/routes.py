"""Pre-labels."""

from uuid import UUID

from fastapi import Response

from tailbase_api.deps import AnnotatorAccess, EditorAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.jobs.limits import EditorAsks
from tailbase_api.jobs.schemas import JobReply
from tailbase_api.jobs.service import job_out
from tailbase_api.labels.routes import LABELS, IfMatch
from tailbase_api.labels.schemas import LabelsOut
from tailbase_api.labels.service import etag
from tailbase_api.prelabels import service
from tailbase_api.prelabels.schemas import AcceptIn, PrelabelsOut
from tailbase_api.routing import feature_router
from tailbase_core.prelabel_settings import PrelabelSettings

router = feature_router("prelabels")
PRELABELS = "/projects/{project_id}/prelabels"


@router.get(PRELABELS)
def read_prelabels(access: ViewerAccess, session: SessionDep) -> PrelabelsOut:
    return service.show(session, access)


@router.put(PRELABELS + "/settings")
def put_prelabel_settings(access: EditorAccess, session: SessionDep, body: PrelabelSettings) -> PrelabelsOut:
    return service.change(session, access, body)


@router.post(PRELABELS + "/rounds", status_code=202)
def begin_prelabel_round(access: EditorAsks, session: SessionDep, services: ServicesDep) -> JobReply:
    return JobReply(job=job_out(service.begin(session, access), services.store))


@router.post(LABELS + "/accept")
def accept_prelabels(
    access: AnnotatorAccess,
    frame_id: UUID,
    body: AcceptIn,
    session: SessionDep,
    response: Response,
    if_match: IfMatch = None,
) -> LabelsOut:
    labels = service.accept(session, access, frame_id, if_match, body)
    response.headers["ETag"] = etag(labels.version)
    return labels
