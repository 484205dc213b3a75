"""Videos."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from tailbase_api.deps import EditorAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.jobs import service as jobs
from tailbase_api.jobs.schemas import JobOut
from tailbase_api.pagination import Page, PageDep
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed
from tailbase_api.trash import service as trash
from tailbase_api.videos import camera_times, service
from tailbase_api.videos.schemas import CameraTimesIn, ProxyOut, SourceOut, VideoOut, VideoPatch, VideoState

router = feature_router("videos")

VIDEOS = "/projects/{project_id}/videos"
VIDEO = VIDEOS + "/{video_id}"


@router.get(VIDEOS)
def list_videos(
    access: ViewerAccess,
    session: SessionDep,
    services: ServicesDep,
    page: PageDep,
    recording: Annotated[UUID | None, Query()] = None,
    state: Annotated[VideoState | None, Query()] = None,
) -> Page[VideoOut]:
    return service.list_videos(session, services.store, access.project_id, page, recording, state)


@router.get(VIDEO)
def get_video(access: ViewerAccess, video_id: UUID, session: SessionDep, services: ServicesDep) -> VideoOut:
    return service.show(session, services.store, access.project_id, video_id)


@router.patch(VIDEO)
def change_video(
    access: EditorAccess, video_id: UUID, body: VideoPatch, session: SessionDep, services: ServicesDep
) -> VideoOut:
    return service.change(session, services.store, access, video_id, body)


@router.delete(VIDEO)
def delete_video(access: EditorAccess, video_id: UUID, session: SessionDep) -> Freed:
    return trash.delete_video(session, access, video_id)


@router.post(VIDEO + "/read", status_code=202)
def read_again(access: EditorAccess, video_id: UUID, session: SessionDep, services: ServicesDep) -> JobOut:
    return jobs.job_out(service.read_again(session, access, video_id), services.store)


@router.put(VIDEO + "/camera-times")
def put_camera_times(
    access: EditorAccess, video_id: UUID, body: CameraTimesIn, session: SessionDep, services: ServicesDep
) -> VideoOut:
    """For cameras that run at their own pace: with the times of their frames they are smoothed together."""
    camera_times.put(session, services.store, access, video_id, body)
    return service.show(session, services.store, access.project_id, video_id)


@router.delete(VIDEO + "/camera-times", status_code=204)
def delete_camera_times(access: EditorAccess, video_id: UUID, session: SessionDep, services: ServicesDep) -> None:
    camera_times.delete(session, services.store, access, video_id)


@router.get(VIDEO + "/proxy", responses={202: {"model": ProxyOut, "description": "It is being made"}})
def get_proxy(
    access: ViewerAccess, video_id: UUID, session: SessionDep, services: ServicesDep, response: Response
) -> ProxyOut:
    proxy = service.proxy(session, services, access, video_id)
    response.status_code = 202 if proxy.url is None else 200
    return proxy


@router.post(VIDEO + "/proxy", status_code=202)
def make_proxy(access: EditorAccess, video_id: UUID, session: SessionDep, services: ServicesDep) -> ProxyOut:
    return service.make_proxy(session, services, access, video_id)


@router.get(VIDEO + "/source")
def get_source(access: ViewerAccess, video_id: UUID, session: SessionDep, services: ServicesDep) -> SourceOut:
    return service.source(session, services, access.project_id, video_id)
