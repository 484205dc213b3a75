"""Projects and their individuals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase.schema import SINGLE
from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_api.projects import queries, skeleton
from tailbase_api.projects.schemas import (
    AuditOut,
    Counts,
    IndividualOut,
    ProjectIn,
    ProjectOut,
    ProjectPatch,
    SkeletonIn,
    SkeletonOut,
)
from tailbase_api.schemas import Freed
from tailbase_core import jobs
from tailbase_core.errors import Conflict, NotFound
from tailbase_core.name_patterns import check_pattern
from tailbase_core.tables import AuditEvent, Individual, Membership, Project, User


def _show(project: Project, role: str, counts: dict[str, int]) -> ProjectOut:
    members = {name: getattr(project, name) for name in ProjectOut.model_fields if name not in ("role", "counts")}
    return ProjectOut.model_validate({**members, "role": role, "counts": Counts(**counts)})


def list_projects(session: Session, user: User, page: PageQuery, *, trashed: bool) -> Page[ProjectOut]:
    stmt = queries.projects_of(user.id, trashed=trashed)
    rows, cursor = select_page(session, stmt, page, key=Project.created_at, id=Project.id)
    counts = queries.counts(session, [project.id for project, _ in rows])
    return page_of(rows, cursor, lambda row: _show(row[0], row[1], counts[row[0].id]))


def show(session: Session, access: Access) -> ProjectOut:
    counts = queries.counts(session, [access.project_id])
    return _show(access.project, access.role, counts[access.project_id])


def create(session: Session, user: User, body: ProjectIn) -> ProjectOut:
    project = Project(name=body.name, description=body.description, created_by=user.id, settings={})
    if body.name_pattern is not None:
        check_pattern(body.name_pattern, "name_pattern")
        project.name_pattern = body.name_pattern
    session.add(project)
    session.flush()
    session.add(Membership(project_id=project.id, user_id=user.id, role="owner"))
    session.add(Individual(project_id=project.id, name=SINGLE, position=0))
    if body.skeleton is not None:
        skeleton.write(session, project.id, body.skeleton)
    audit.record(session, user, project.id, "project.create", name=project.name)
    session.refresh(project)
    return _show(project, "owner", {})


def change(session: Session, access: Access, body: ProjectPatch) -> ProjectOut:
    if body.name_pattern is not None:
        check_pattern(body.name_pattern, "name_pattern")
    changes = body.model_dump(exclude_none=True)
    for name, value in changes.items():
        setattr(access.project, name, value)
    audit.record(session, access.user, access.project_id, "project.change", changed=sorted(changes))
    return show(session, access)


def delete(session: Session, access: Access) -> Freed:
    """Into the trash, for as long as the settings say; jobs under way are cancelled."""
    for job in queries.unfinished_jobs(session, access.project_id):
        jobs.cancel(session, job, "The project was deleted.")
    queries.trash(session, access.project_id)
    audit.record(session, access.user, access.project_id, "project.delete", name=access.project.name)
    return Freed(bytes_freed=queries.bytes_held(session, access.project_id))


def write_skeleton(session: Session, access: Access, body: SkeletonIn) -> SkeletonOut:
    names = [keypoint.name for keypoint in body.keypoints]
    audit.record(session, access.user, access.project_id, "skeleton.change", keypoints=names)
    return skeleton.write(session, access.project_id, body)


def list_individuals(session: Session, project_id: UUID) -> list[IndividualOut]:
    return [IndividualOut.model_validate(row) for row in queries.individuals(session, project_id)]


def add_individual(session: Session, access: Access, name: str) -> IndividualOut:
    known = _individuals_but_for(session, access, name)
    row = Individual(project_id=access.project_id, name=name, position=len(known))
    session.add(row)
    session.flush()
    return IndividualOut.model_validate(row)


def rename_individual(session: Session, access: Access, individual_id: UUID, name: str) -> IndividualOut:
    """Labels point to the id, so nothing else changes."""
    known = {row.id: row for row in _individuals_but_for(session, access, name, individual_id)}
    if individual_id not in known:
        raise NotFound("individual")
    known[individual_id].name = name
    return IndividualOut.model_validate(known[individual_id])


def _individuals_but_for(session: Session, access: Access, name: str, own: UUID | None = None) -> Sequence[Individual]:
    """The project's animals, none of which, except `own`, has the name."""
    queries.lock_project(session, access.project_id)
    known = queries.individuals(session, access.project_id)
    if any(row.name == name and row.id != own for row in known):
        raise Conflict("individual.exists", f"There is an individual named {name} already.")
    return known


def list_audit(session: Session, project_id: UUID, page: PageQuery) -> Page[AuditOut]:
    rows, cursor = select_page(session, queries.audit(project_id), page, key=AuditEvent.created_at, id=AuditEvent.id)

    def shown(row: tuple[AuditEvent, str | None]) -> AuditOut:
        event, name = row
        return AuditOut(id=event.id, user=name, action=event.action, details=event.details, created_at=event.created_at)

    return page_of(rows, cursor, shown)
