"""SQL of people, sessions, links and tokens."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.security import token_hash
from tailbase_core.tables import ApiToken, LoginSession, Membership, OneTimeLink, Project, User

_FIRST_OWNER_LOCK = 7_420_001


def user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email))


def user_by_id(session: Session, user_id: UUID) -> User | None:
    return session.get(User, user_id)


def lock_first_owner(session: Session) -> None:
    """Until the transaction ends nobody else makes a first owner."""
    session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _FIRST_OWNER_LOCK})


def has_owner(session: Session) -> bool:
    return session.scalar(select(User.id).where(User.is_admin).limit(1)) is not None


def add_session(session: Session, user_id: UUID, token: str, hours: int) -> None:
    """Remember a browser, and forget those of this user whose time is over."""
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id, LoginSession.expires_at < func.now()))
    expires = func.now() + timedelta(hours=hours)
    session.add(LoginSession(user_id=user_id, token_hash=token_hash(token), expires_at=expires))


def end_session(session: Session, token: str) -> None:
    session.execute(delete(LoginSession).where(LoginSession.token_hash == token_hash(token)))


def end_sessions(session: Session, user_id: UUID, *, but: str | None = None) -> None:
    """Sign the user out everywhere, except in the browser that holds the token `but`."""
    stmt = delete(LoginSession).where(LoginSession.user_id == user_id)
    if but is not None:
        stmt = stmt.where(LoginSession.token_hash != token_hash(but))
    session.execute(stmt)


def valid_link(session: Session, token: str) -> OneTimeLink | None:
    stmt = select(OneTimeLink).where(
        OneTimeLink.token_hash == token_hash(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > func.now()
    )
    return session.scalar(stmt)


def consume_link(session: Session, token: str) -> OneTimeLink | None:
    """Mark the link used and return it; None if it is unknown, used or too old. Of two at once one wins."""
    stmt = (
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(OneTimeLink)
    )
    return session.scalar(stmt)


def project_name(session: Session, project_id: UUID) -> str | None:
    return session.scalar(select(Project.name).where(Project.id == project_id, Project.deleted_at.is_(None)))


def membership(session: Session, project_id: UUID, user_id: UUID) -> Membership | None:
    return session.get(Membership, (project_id, user_id))


def tokens(user_id: UUID) -> Select[ApiToken]:
    return select(ApiToken).where(ApiToken.user_id == user_id)


def delete_token(session: Session, user_id: UUID, token_id: UUID) -> None:
    stmt = delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id).returning(ApiToken.id)
    if session.scalar(stmt) is None:
        raise NotFound("token")
