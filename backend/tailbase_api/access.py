"""The SQL behind signing in and membership, which every feature needs.

Every request runs these statements, so they are built once: building one costs as much as running it.
"""

from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from tailbase_core.security import token_hash
from tailbase_core.tables import ApiToken, LoginSession, Membership, Project, User

_BY_COOKIE = (
    select(User)
    .join(LoginSession, LoginSession.user_id == User.id)
    .where(LoginSession.token_hash == bindparam("hashed"), LoginSession.expires_at > func.now())
)

# Noted at most once a minute, so that a busy script does not write on every request.
_unnoted = or_(
    ApiToken.last_used_at.is_(None), ApiToken.last_used_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 1)
)
_BY_TOKEN = (
    select(User, ApiToken.id, _unnoted.label("unnoted"))
    .join(ApiToken, ApiToken.user_id == User.id)
    .where(
        ApiToken.token_hash == bindparam("hashed"),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now()),
    )
)

_ACCESS = (
    select(Project, Membership.role)
    .join(Membership, Membership.project_id == Project.id)
    .where(Project.id == bindparam("project"), Membership.user_id == bindparam("person"), Project.deleted_at.is_(None))
)


def find_user(session: Session, kind: str, value: str) -> User | None:
    """The user a session cookie or an API token belongs to, if it is still valid."""
    given = {"hashed": token_hash(value)}
    if kind != "token":
        return session.scalar(_BY_COOKIE, given)
    row = session.execute(_BY_TOKEN, given).one_or_none()
    if row is None:
        return None
    user, token_id, unnoted = row
    if unnoted:
        session.execute(update(ApiToken).where(ApiToken.id == token_id, _unnoted).values(last_used_at=func.now()))
    return user


def find_access(session: Session, user_id: UUID, project_id: UUID) -> tuple[Project, str] | None:
    """The project and the user's role in it; None for strangers and for projects in the trash."""
    row = session.execute(_ACCESS, {"person": user_id, "project": project_id}).one_or_none()
    return None if row is None else (row[0], row[1])
