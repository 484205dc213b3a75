"""Projects, their skeleton, individuals, members and audit trail."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from tailbase_api.deps import CurrentUser, EditorAccess, OwnerAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.idempotency import SECRET_REPLY
from tailbase_api.pagination import Page, PageDep
from tailbase_api.projects import members, service, skeleton
from tailbase_api.projects.schemas import (
    AuditOut,
    IndividualIn,
    IndividualOut,
    Invited,
    MemberIn,
    MemberOut,
    MemberPatch,
    ProjectIn,
    ProjectOut,
    ProjectPatch,
    SkeletonIn,
    SkeletonOut,
)
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed

router = feature_router("projects")

PROJECT = "/projects/{project_id}"


@router.get("/projects")
def list_projects(
    user: CurrentUser, session: SessionDep, page: PageDep, trashed: Annotated[bool, Query()] = False
) -> Page[ProjectOut]:
    return service.list_projects(session, user, page, trashed=trashed)


@router.post("/projects", status_code=201)
def create_project(user: CurrentUser, body: ProjectIn, session: SessionDep) -> ProjectOut:
    return service.create(session, user, body)


@router.get(PROJECT)
def get_project(access: ViewerAccess, session: SessionDep) -> ProjectOut:
    return service.show(session, access)


@router.patch(PROJECT)
def change_project(access: EditorAccess, body: ProjectPatch, session: SessionDep) -> ProjectOut:
    return service.change(session, access, body)


@router.delete(PROJECT)
def delete_project(access: OwnerAccess, session: SessionDep) -> Freed:
    return service.delete(session, access)


@router.get(PROJECT + "/skeleton")
def get_skeleton(access: ViewerAccess, session: SessionDep) -> SkeletonOut:
    return skeleton.read(session, access.project_id)


@router.put(PROJECT + "/skeleton")
def put_skeleton(access: EditorAccess, body: SkeletonIn, session: SessionDep) -> SkeletonOut:
    return service.write_skeleton(session, access, body)


@router.get(PROJECT + "/individuals")
def list_individuals(access: ViewerAccess, session: SessionDep) -> Page[IndividualOut]:
    return Page(items=service.list_individuals(session, access.project_id), next_cursor=None)


@router.post(PROJECT + "/individuals", status_code=201)
def create_individual(access: EditorAccess, body: IndividualIn, session: SessionDep) -> IndividualOut:
    return service.add_individual(session, access, body.name)


@router.patch(PROJECT + "/individuals/{individual_id}")
def rename_individual(
    access: EditorAccess, individual_id: UUID, body: IndividualIn, session: SessionDep
) -> IndividualOut:
    return service.rename_individual(session, access, individual_id, body.name)


@router.get(PROJECT + "/members")
def list_members(access: ViewerAccess, session: SessionDep, page: PageDep) -> Page[MemberOut]:
    return members.list_members(session, access.project_id, page)


@router.post(PROJECT + "/members", status_code=201)
def add_member(
    access: OwnerAccess, body: MemberIn, session: SessionDep, services: ServicesDep, response: Response
) -> Invited:
    response.headers[SECRET_REPLY] = "1"
    return members.add(session, access, body, services.settings.public_url)


@router.patch(PROJECT + "/members/{user_id}")
def change_member(access: OwnerAccess, user_id: UUID, body: MemberPatch, session: SessionDep) -> MemberOut:
    return members.change(session, access, user_id, body.role)


@router.delete(PROJECT + "/members/{user_id}", status_code=204)
def remove_member(access: ViewerAccess, user_id: UUID, session: SessionDep) -> None:
    members.remove(session, access, user_id)


@router.get(PROJECT + "/audit")
def list_audit(access: EditorAccess, session: SessionDep, page: PageDep) -> Page[AuditOut]:
    return service.list_audit(session, access.project_id, page)
