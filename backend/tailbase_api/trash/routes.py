"""The trash of a project."""

from typing import Literal
from uuid import UUID

from fastapi import BackgroundTasks

from tailbase_api.deps import CurrentUser, EditorAccess, OwnerAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.pagination import Page, PageDep
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed
from tailbase_api.trash import service
from tailbase_api.trash.schemas import Restored, TrashItem
from tailbase_core.housekeeping import sweep

router = feature_router("trash")

TRASH = "/projects/{project_id}/trash"


@router.get(TRASH)
def list_trash(access: ViewerAccess, session: SessionDep, services: ServicesDep, page: PageDep) -> Page[TrashItem]:
    return service.list_items(session, services.settings, access.project_id, page)


@router.post(TRASH + "/project/{id}/restore")
def restore_project(
    user: CurrentUser, project_id: UUID, id: UUID, session: SessionDep, services: ServicesDep
) -> Restored:
    """Its owners may, although it is hidden from everybody."""
    return service.restore_project(session, services.settings, user, project_id if id == project_id else UUID(int=0))


@router.post(TRASH + "/{kind}/{id}/restore")
def restore_item(
    access: EditorAccess,
    kind: Literal["recording", "video", "frame", "model", "ensemble", "prediction"],
    id: UUID,
    session: SessionDep,
    services: ServicesDep,
) -> Restored:
    return service.restore(session, services.settings, access, kind, id)


@router.delete(TRASH)
def empty_trash(access: OwnerAccess, session: SessionDep, services: ServicesDep, after: BackgroundTasks) -> Freed:
    after.add_task(sweep, services.sessions, services.store, services.settings)
    return service.empty(session, services.settings, access)
