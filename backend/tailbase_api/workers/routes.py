"""The processes that do the long work."""

from tailbase_api.deps import AdminUser, CurrentUser, SessionDep
from tailbase_api.routing import feature_router
from tailbase_api.workers import service
from tailbase_api.workers.schemas import WorkerIn, WorkerOut

router = feature_router("workers")


@router.get("/workers")
def list_workers(_: CurrentUser, session: SessionDep) -> list[WorkerOut]:
    return service.every(session)


@router.patch("/workers/{name}")
def change_worker(_: AdminUser, session: SessionDep, name: str, body: WorkerIn) -> WorkerOut:
    return service.pause(session, name, body.paused)
