"""Read-only roots: look into them, register videos in place, link them again after a move."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from tailbase_api.deps import CurrentUser, EditorAccess, ServicesDep, SessionDep
from tailbase_api.pagination import Page, PageDep
from tailbase_api.roots import service
from tailbase_api.roots.schemas import Registered, RegisterIn, RelinkIn, RootEntry, RootOut
from tailbase_api.routing import feature_router
from tailbase_api.videos.schemas import VideoOut

router = feature_router("roots")


@router.get("/roots")
def list_roots(_: CurrentUser, services: ServicesDep) -> list[RootOut]:
    return service.list_roots(services.settings)


@router.get("/roots/{name}/browse")
def browse_root(
    _: CurrentUser, name: str, services: ServicesDep, page: PageDep, path: Annotated[str, Query(max_length=4000)] = ""
) -> Page[RootEntry]:
    return service.list_entries(services.settings, name, path, page)


@router.post("/projects/{project_id}/videos/register", status_code=202)
def register_videos(access: EditorAccess, body: RegisterIn, session: SessionDep, services: ServicesDep) -> Registered:
    return service.register(session, services, access, body)


@router.post("/projects/{project_id}/videos/{video_id}/relink")
def relink_video(
    access: EditorAccess, video_id: UUID, body: RelinkIn, session: SessionDep, services: ServicesDep
) -> VideoOut:
    return service.relink(session, services, access, video_id, body)
