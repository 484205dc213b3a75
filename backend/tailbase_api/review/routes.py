"""Working together."""

from tailbase_api.deps import ServicesDep, SessionDep, ViewerAccess
from tailbase_api.review import service
from tailbase_api.review.schemas import FindingsOut, PersonProgress, RatersOut
from tailbase_api.routing import feature_router

router = feature_router("review")
PROJECT = "/projects/{project_id}"


@router.get(PROJECT + "/raters")
def read_raters(access: ViewerAccess, session: SessionDep) -> RatersOut:
    return service.raters(session, access.project_id)


@router.get(PROJECT + "/progress")
def read_progress(access: ViewerAccess, session: SessionDep) -> list[PersonProgress]:
    return service.progress(session, access.project_id)


@router.get(PROJECT + "/label-checks")
def read_label_checks(access: ViewerAccess, session: SessionDep, services: ServicesDep) -> FindingsOut:
    return service.mistakes(session, services.store, access.project_id)
