"""Signing in by password, the signed-in person, and their tokens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import Response
from redis import Redis
from sqlalchemy.orm import Session

from tailbase_api import audit, limits
from tailbase_api.accounts import queries
from tailbase_api.accounts.schemas import MePatch, NewToken, TokenIn, TokenOut, UserOut
from tailbase_api.cookie import COOKIE
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_core.errors import Invalid, TailbaseError
from tailbase_core.security import TOKEN_PREFIX, hash_password, new_token, password_matches, token_hash
from tailbase_core.settings import Settings
from tailbase_core.tables import ApiToken, User

_WINDOW_S = 15 * 60
_TRIES_OF_ACCOUNT = 10
_TRIES_OF_ADDRESS = 20


class WrongPassword(TailbaseError):
    """The same for an unknown e-mail, so that nobody learns who has an account."""

    status, code, title = 401, "auth.wrong", "E-mail or password is wrong"


def check_password(session: Session, redis: Redis, email: str, password: str, address: str) -> User:
    """The user, if the password is right. Wrong ones are counted for the account and for the address."""
    account_name, address_name = f"account {email}", f"address {address}"
    limits.hit(redis, account_name, limit=_TRIES_OF_ACCOUNT, seconds=_WINDOW_S)
    limits.hit(redis, address_name, limit=_TRIES_OF_ADDRESS, seconds=_WINDOW_S)
    user = queries.user_by_email(session, email)
    right = password_matches(user.password_hash if user else None, password)
    if user is None or not right:
        raise WrongPassword("E-mail or password is wrong.")
    limits.forgive(redis, account_name)
    limits.forgive(redis, address_name)
    return user


def start_session(session: Session, settings: Settings, response: Response, user: User, old: str | None) -> None:
    """A fresh cookie; the one the browser came with stops working."""
    if old is not None:
        queries.end_session(session, old)
    token = new_token()
    queries.add_session(session, user.id, token, settings.session_hours)
    audit.record(session, user, None, "auth.login")
    response.set_cookie(
        COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https://"),
    )


def end_session(session: Session, response: Response, cookie: str | None) -> None:
    if cookie is not None:
        queries.end_session(session, cookie)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


def change_me(user: User, body: MePatch) -> UserOut:
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(user, name, value)
    return UserOut.model_validate(user)


def change_password(session: Session, redis: Redis, user: User, current: str, new: str, cookie: str | None) -> None:
    """Every other browser is signed out."""
    name = f"password {user.id}"
    limits.hit(redis, name, limit=_TRIES_OF_ACCOUNT, seconds=_WINDOW_S)
    if not password_matches(user.password_hash, current):
        raise Invalid("password.wrong", "The current password is wrong.", field="current")
    limits.forgive(redis, name)
    user.password_hash = hash_password(new)
    queries.end_sessions(session, user.id, but=cookie)
    audit.record(session, user, None, "password.change")


def list_tokens(session: Session, user: User, page: PageQuery) -> Page[TokenOut]:
    rows, cursor = select_page(session, queries.tokens(user.id), page, key=ApiToken.created_at, id=ApiToken.id)
    return page_of(rows, cursor, TokenOut.model_validate)


def create_token(session: Session, user: User, body: TokenIn) -> NewToken:
    token = new_token(TOKEN_PREFIX)
    days = body.expires_in_days
    row = ApiToken(
        user_id=user.id,
        name=body.name,
        prefix=token[: len(TOKEN_PREFIX) + 6],
        token_hash=token_hash(token),
        expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
    )
    session.add(row)
    session.flush()
    audit.record(session, user, None, "token.create", token=str(row.id), name=row.name)
    return NewToken(id=row.id, prefix=row.prefix, token=token)


def delete_token(session: Session, user: User, token_id: UUID) -> None:
    queries.delete_token(session, user.id, token_id)
    audit.record(session, user, None, "token.delete", token=str(token_id))
