"""Who did what: one row in the same transaction as the deed."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_core.tables import AuditEvent, User


def record(session: Session, user: User | None, project_id: UUID | None, action: str, **details: Any) -> None:
    session.add(AuditEvent(user_id=user.id if user else None, project_id=project_id, action=action, details=details))
