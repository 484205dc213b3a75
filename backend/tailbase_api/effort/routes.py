"""The cost of labelling a project."""

from tailbase_api.deps import SessionDep, ViewerAccess
from tailbase_api.effort import service
from tailbase_api.effort.schemas import EffortOut
from tailbase_api.routing import feature_router

router = feature_router("effort")


@router.get("/projects/{project_id}/effort")
def read_effort(access: ViewerAccess, session: SessionDep) -> EffortOut:
    return service.of_project(session, access.project_id)
