"""One-time links: a token that signs its bearer in once, made here and consumed by the API."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from tailbase_core import security
from tailbase_core.tables import OneTimeLink, User

START_VALID = timedelta(days=7)
INVITE_VALID = timedelta(days=14)
RESET_VALID = timedelta(minutes=30)


def make_owner_link(session: Session) -> str:
    """The token that makes the first account, the installation's owner. Earlier unused ones stop working."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == "owner", OneTimeLink.used_at.is_(None)))
    return _make(session, OneTimeLink(purpose="owner"), START_VALID)


def make_login_link(session: Session, user: User) -> str:
    """The token that signs this user in. Earlier unused ones stop working."""
    _forget(session, "login", user.id)
    return _make(session, OneTimeLink(purpose="login", user_id=user.id), START_VALID)


def make_reset_link(session: Session, user: User) -> str:
    """The token that lets this user choose another password."""
    _forget(session, "reset", user.id)
    return _make(session, OneTimeLink(purpose="reset", user_id=user.id), RESET_VALID)


def make_invite_link(session: Session, *, project_id: UUID, email: str, role: str) -> str:
    """The token that makes an account for `email` and a member of the project. It replaces earlier invitations."""
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.purpose == "invite",
            OneTimeLink.project_id == project_id,
            OneTimeLink.email == email,
            OneTimeLink.used_at.is_(None),
        )
    )
    return _make(session, OneTimeLink(purpose="invite", project_id=project_id, email=email, role=role), INVITE_VALID)


def make_first_link(session: Session) -> str | None:
    """The token that makes the installation's owner, or None once there is one."""
    return None if session.scalar(select(exists().where(User.is_admin))) else make_owner_link(session)


def link_url(public_url: str, token: str) -> str:
    """The page's address for a token."""
    return f"{public_url.rstrip('/')}/login?link={token}"


def _forget(session: Session, purpose: str, user_id: UUID) -> None:
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.purpose == purpose, OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None)
        )
    )


def _make(session: Session, link: OneTimeLink, valid: timedelta) -> str:
    token = security.new_token()
    link.token_hash = security.token_hash(token)
    link.expires_at = datetime.now(UTC) + valid
    session.add(link)
    return token
