"""SQL of the stream of news: whose projects a person may hear about."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core.tables import Membership, Project


def projects_of(session: Session, user_id: UUID) -> frozenset[UUID]:
    stmt = (
        select(Membership.project_id)
        .join(Project, Project.id == Membership.project_id)
        .where(Membership.user_id == user_id, Project.deleted_at.is_(None))
    )
    return frozenset(session.scalars(stmt))
