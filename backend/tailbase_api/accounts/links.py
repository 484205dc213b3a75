"""What a one-time link asks for and does. Looking at one changes nothing; posting it uses it up."""

from typing import Literal

from redis import Redis
from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.accounts import queries
from tailbase_api.accounts.schemas import LinkIn, LinkOut, ResetOut
from tailbase_api.accounts.service import check_password
from tailbase_core.errors import Conflict, Invalid, TailbaseError
from tailbase_core.links import RESET_VALID, link_url, make_reset_link
from tailbase_core.security import hash_password
from tailbase_core.tables import Membership, OneTimeLink, User

Need = Literal["email", "name", "password"]


class LinkSpent(TailbaseError):
    status, code, title = 400, "link.invalid", "This link does not work"

    def __init__(self) -> None:
        super().__init__("This link was used already or is too old. Ask for another one.")


def look(session: Session, token: str) -> LinkOut:
    link = queries.valid_link(session, token)
    if link is None:
        raise LinkSpent
    user = queries.user_by_id(session, link.user_id) if link.user_id else None
    project = queries.project_name(session, link.project_id) if link.project_id else None
    email = link.email or (user.email if user else None)
    return LinkOut.model_validate(
        {"purpose": link.purpose, "email": email, "project_name": project, "needs": _needs(session, link)}
    )


def use(session: Session, redis: Redis, body: LinkIn, address: str) -> User:
    """The user the link signs in. A link whose fields are missing or wrong is not used up: all is rolled back."""
    link = queries.consume_link(session, body.token)
    if link is None:
        raise LinkSpent
    for need in _needs(session, link):
        if getattr(body, need) is None:
            raise Invalid("link.incomplete", f"This link needs your {need}.", field=need)
    if link.purpose == "owner":
        return _first_owner(session, body)
    if link.purpose == "invite":
        return _invited(session, redis, link, body, address)
    return _known(session, link, body)


def reset(session: Session, admin: User, email: str, public_url: str) -> ResetOut:
    """A link for somebody who forgot their password; made by the installation's owner, because we send no mail."""
    user = queries.user_by_email(session, email)
    if user is None:
        raise Invalid("user.unknown", f"Nobody has an account with the e-mail {email}.", field="email")
    token = make_reset_link(session, user)
    audit.record(session, admin, None, "password.reset_link", whose=str(user.id))
    return ResetOut(url=link_url(public_url, token), valid_minutes=int(RESET_VALID.total_seconds()) // 60)


def _needs(session: Session, link: OneTimeLink) -> list[Need]:
    if link.purpose == "owner":
        return ["email", "name", "password"]
    if link.purpose == "reset":
        return ["password"]
    if link.purpose == "invite":
        known = link.email is not None and queries.user_by_email(session, link.email) is not None
        return ["password"] if known else ["name", "password"]
    return []


def _first_owner(session: Session, body: LinkIn) -> User:
    queries.lock_first_owner(session)
    if queries.has_owner(session):
        raise Conflict("owner.exists", "This installation has an owner already. Sign in instead.")
    user = _new_user(session, body.email or "", body, is_admin=True)
    audit.record(session, user, None, "owner.create")
    return user


def _invited(session: Session, redis: Redis, link: OneTimeLink, body: LinkIn, address: str) -> User:
    """Whoever has an account by now proves it with their password: the link came from another person."""
    email = link.email or ""
    if link.project_id is None or queries.project_name(session, link.project_id) is None:
        raise LinkSpent
    if queries.user_by_email(session, email) is None:
        user = _new_user(session, email, body, is_admin=False)
    else:
        user = check_password(session, redis, email, body.password or "", address)
    if queries.membership(session, link.project_id, user.id) is None:
        session.add(Membership(project_id=link.project_id, user_id=user.id, role=link.role or "viewer"))
    audit.record(session, user, link.project_id, "member.join", role=link.role)
    return user


def _known(session: Session, link: OneTimeLink, body: LinkIn) -> User:
    user = queries.user_by_id(session, link.user_id) if link.user_id else None
    if user is None:
        raise LinkSpent
    if link.purpose == "reset" and body.password is not None:
        user.password_hash = hash_password(body.password)
        queries.end_sessions(session, user.id)
        audit.record(session, user, None, "password.reset")
    return user


def _new_user(session: Session, email: str, body: LinkIn, *, is_admin: bool) -> User:
    user = User(
        email=email,
        name=body.name,
        password_hash=hash_password(body.password or ""),
        is_admin=is_admin,
        preferences={},
    )
    session.add(user)
    session.flush()
    return user
