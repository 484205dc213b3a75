"""SQL of projects, members and individuals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import (
    AuditEvent,
    Frame,
    Individual,
    Job,
    LabelSet,
    Membership,
    Model,
    Prediction,
    Project,
    User,
    Video,
)
from tailbase_core.tables.jobs import ENDED


def projects_of(user_id: UUID, *, trashed: bool) -> Select[Project, str]:
    """The user's projects with their role; those in the trash are shown to owners, who may bring them back."""
    stmt = (
        select(Project, Membership.role)
        .join(Membership, Membership.project_id == Project.id)
        .where(Membership.user_id == user_id)
    )
    if trashed:
        return stmt.where(Project.deleted_at.is_not(None), Membership.role == "owner")
    return stmt.where(Project.deleted_at.is_(None))


def _count(
    session: Session, project_ids: Sequence[UUID], column: InstrumentedAttribute[UUID], *conditions: ColumnElement[bool]
) -> dict[UUID, int]:
    stmt = select(column, func.count()).where(column.in_(project_ids), *conditions).group_by(column)
    return {row[0]: row[1] for row in session.execute(stmt)}


def counts(session: Session, project_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Videos, frames, labelled frames and models of each project: four queries, however many projects."""
    labelled = LabelSet.frame_id.in_(select(Frame.id).where(Frame.deleted_at.is_(None)))
    found = {
        "videos": _count(session, project_ids, Video.project_id, Video.deleted_at.is_(None)),
        "frames": _count(session, project_ids, Frame.project_id, Frame.deleted_at.is_(None)),
        "labelled": _count(session, project_ids, LabelSet.project_id, LabelSet.points != {}, labelled),
        "models": _count(session, project_ids, Model.project_id, Model.deleted_at.is_(None)),
    }
    return {pid: {noun: by_project.get(pid, 0) for noun, by_project in found.items()} for pid in project_ids}


def lock_project(session: Session, project_id: UUID) -> None:
    """Changes of one project's members or skeleton wait for each other."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())


def trash(session: Session, project_id: UUID) -> None:
    session.execute(update(Project).where(Project.id == project_id).values(deleted_at=func.now()))


def bytes_held(session: Session, project_id: UUID) -> int:
    """What the project's own files take: in-place videos take nothing."""
    own = func.coalesce(Video.size_bytes, 0)
    sums = (
        select(func.sum(own)).where(Video.project_id == project_id, Video.blob_key.is_not(None)),
        select(func.sum(func.coalesce(Video.proxy_bytes, 0))).where(Video.project_id == project_id),
        select(func.sum(Frame.size_bytes)).where(Frame.project_id == project_id),
        select(func.sum(Model.size_bytes)).where(Model.project_id == project_id),
        select(func.sum(Prediction.size_bytes)).where(Prediction.project_id == project_id),
    )
    return sum(int(session.scalar(stmt) or 0) for stmt in sums)


def unfinished_jobs(session: Session, project_id: UUID) -> Sequence[Job]:
    stmt = select(Job).where(Job.project_id == project_id, Job.state.not_in(ENDED)).order_by(Job.created_at)
    return session.scalars(stmt).all()


def members(project_id: UUID) -> Select[Membership, User]:
    return select(Membership, User).join(User, User.id == Membership.user_id).where(Membership.project_id == project_id)


def member(session: Session, project_id: UUID, user_id: UUID) -> tuple[Membership, User]:
    row = session.execute(members(project_id).where(User.id == user_id)).one_or_none()
    if row is None:
        raise NotFound("member")
    return row[0], row[1]


def is_member(session: Session, project_id: UUID, user_id: UUID) -> bool:
    return session.get(Membership, (project_id, user_id)) is not None


def user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email))


def other_owners(session: Session, project_id: UUID, user_id: UUID) -> int:
    stmt = select(func.count()).where(
        Membership.project_id == project_id, Membership.role == "owner", Membership.user_id != user_id
    )
    return session.scalar(stmt) or 0


def remove_member(session: Session, project_id: UUID, user_id: UUID) -> None:
    session.execute(delete(Membership).where(Membership.project_id == project_id, Membership.user_id == user_id))


def individuals(session: Session, project_id: UUID) -> Sequence[Individual]:
    stmt = select(Individual).where(Individual.project_id == project_id, Individual.recording_id.is_(None))
    return session.scalars(stmt.order_by(Individual.position, Individual.name)).all()


def audit(project_id: UUID) -> Select[AuditEvent, str | None]:
    stmt = select(AuditEvent, User.name).outerjoin(User, User.id == AuditEvent.user_id)
    return stmt.where(AuditEvent.project_id == project_id)
