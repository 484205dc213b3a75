"""Frames to label."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from tailbase_api.deps import AnnotatorAccess, EditorAccess, ReviewerAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.frames import service
from tailbase_api.frames.schemas import (
    AddIn,
    Assigned,
    AssignIn,
    FrameIn,
    FrameOrder,
    FrameOut,
    FrameState,
    SelectIn,
    Wanted,
)
from tailbase_api.jobs.limits import AnnotatorAsks, EditorAsks
from tailbase_api.jobs.schemas import JobReply, JobsReply
from tailbase_api.jobs.service import job_out
from tailbase_api.pagination import Page, PageDep
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed

router = feature_router("frames")
FRAMES = "/projects/{project_id}/frames"


@router.get(FRAMES)
def list_frames(
    access: ViewerAccess,
    session: SessionDep,
    services: ServicesDep,
    page: PageDep,
    state: FrameState | None = None,
    video: Annotated[UUID | None, Query()] = None,
    second: Annotated[bool, Query(description="Those you were asked to label a second time.")] = False,
    order: FrameOrder = "age",
) -> Page[FrameOut]:
    pages = service.page_by_benefit if order == "benefit" else service.page_by_age
    wanted = Wanted(state, video, access.user.id if second else None)
    return pages(session, services.store, access.project_id, page, wanted)


@router.post(FRAMES + "/select", status_code=202)
def select_frames(access: EditorAsks, session: SessionDep, services: ServicesDep, body: SelectIn) -> JobsReply:
    jobs = service.select(session, access, body)
    return JobsReply(jobs=[job_out(job, services.store) for job in jobs])


@router.post(FRAMES + "/add", status_code=202)
def add_frames(access: AnnotatorAsks, session: SessionDep, services: ServicesDep, body: AddIn) -> JobReply:
    return JobReply(job=job_out(service.add(session, access, body), services.store))


@router.post(FRAMES + "/assign")
def assign_frames(access: ReviewerAccess, session: SessionDep, body: AssignIn) -> Assigned:
    return Assigned(assigned=service.assign(session, access, body))


@router.get(FRAMES + "/{frame_id}")
def read_frame(access: ViewerAccess, session: SessionDep, services: ServicesDep, frame_id: UUID) -> FrameOut:
    return service.one(session, services.store, access.project_id, frame_id)


@router.patch(FRAMES + "/{frame_id}")
def change_frame(
    access: AnnotatorAccess, session: SessionDep, services: ServicesDep, frame_id: UUID, body: FrameIn
) -> FrameOut:
    return service.change(session, services.store, access, frame_id, body)


@router.delete(FRAMES + "/{frame_id}")
def delete_frame(access: EditorAccess, session: SessionDep, frame_id: UUID) -> Freed:
    return Freed(bytes_freed=service.to_trash(session, access, frame_id))
