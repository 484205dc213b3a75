"""The SQL behind signing in and membership, which every feature needs."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from tailbase_core.security import token_hash
from tailbase_core.tables import ApiToken, LoginSession, Membership, Project, User


def find_user(session: Session, kind: str, value: str) -> User | None:
    """The user a session cookie or an API token belongs to, if it is still valid."""
    return _by_token(session, token_hash(value)) if kind == "token" else _by_cookie(session, token_hash(value))


def _by_cookie(session: Session, hashed: str) -> User | None:
    stmt = (
        select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(LoginSession.token_hash == hashed, LoginSession.expires_at > func.now())
    )
    return session.scalar(stmt)


def _by_token(session: Session, hashed: str) -> User | None:
    valid = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now())
    minute_ago = func.now() - timedelta(minutes=1)
    # At most once a minute, so that a busy script does not write on every request.
    seldom = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < minute_ago)
    stmt = select(User, ApiToken.id, seldom).join(ApiToken, ApiToken.user_id == User.id)
    row = session.execute(stmt.where(ApiToken.token_hash == hashed, valid)).one_or_none()
    if row is None:
        return None
    user, token_id, is_due = row
    if is_due:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=func.now()))
    return user


def find_access(session: Session, user_id: UUID, project_id: UUID) -> tuple[Project, str] | None:
    """The project and the user's role in it; None for strangers and for projects in the trash."""
    stmt = (
        select(Project, Membership.role)
        .join(Membership, Membership.project_id == Project.id)
        .where(Project.id == project_id, Membership.user_id == user_id, Project.deleted_at.is_(None))
    )
    row = session.execute(stmt).one_or_none()
    return None if row is None else (row[0], row[1])
