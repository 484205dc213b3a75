"""Signing in and out, one-time links, the signed-in person and their tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import Cookie, Request, Response

from tailbase_api.accounts import links, service
from tailbase_api.accounts.schemas import (
    LinkIn,
    LinkOut,
    LoginIn,
    Me,
    MePatch,
    NewToken,
    PasswordIn,
    ResetIn,
    ResetOut,
    TokenIn,
    TokenOut,
    UserOut,
)
from tailbase_api.cookie import COOKIE
from tailbase_api.deps import AdminUser, CurrentUser, ServicesDep, SessionDep
from tailbase_api.idempotency import SECRET_REPLY
from tailbase_api.pagination import Page, PageDep
from tailbase_api.routing import feature_router

router = feature_router("accounts")

SessionCookie = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


@router.post("/auth/login")
def login(
    body: LoginIn, request: Request, response: Response, services: ServicesDep, session: SessionDep,
    cookie: SessionCookie = None,
) -> Me:  # fmt: skip
    user = service.check_password(session, services.redis, body.email, body.password, _address(request))
    service.start_session(session, services.settings, response, user, cookie)
    return Me(user=UserOut.model_validate(user))


@router.get("/auth/link/{token}")
def get_link(token: str, session: SessionDep) -> LinkOut:
    return links.look(session, token)


@router.post("/auth/link")
def use_link(
    body: LinkIn, request: Request, response: Response, services: ServicesDep, session: SessionDep,
    cookie: SessionCookie = None,
) -> Me:  # fmt: skip
    user = links.use(session, services.redis, body, _address(request))
    service.start_session(session, services.settings, response, user, cookie)
    return Me(user=UserOut.model_validate(user))


@router.post("/auth/reset-links", status_code=201)
def create_reset_link(
    admin: AdminUser, body: ResetIn, session: SessionDep, services: ServicesDep, response: Response
) -> ResetOut:
    response.headers[SECRET_REPLY] = "1"
    return links.reset(session, admin, body.email, services.settings.public_url)


@router.post("/auth/logout", status_code=204)
def logout(_: CurrentUser, response: Response, session: SessionDep, cookie: SessionCookie = None) -> None:
    service.end_session(session, response, cookie)


@router.get("/me")
def get_me(user: CurrentUser) -> Me:
    return Me(user=UserOut.model_validate(user))


@router.patch("/me")
def change_me(user: CurrentUser, body: MePatch) -> Me:
    return Me(user=service.change_me(user, body))


@router.post("/me/password", status_code=204)
def change_password(
    user: CurrentUser, body: PasswordIn, services: ServicesDep, session: SessionDep, cookie: SessionCookie = None
) -> None:
    service.change_password(session, services.redis, user, body.current, body.new, cookie)


@router.get("/me/tokens")
def list_tokens(user: CurrentUser, session: SessionDep, page: PageDep) -> Page[TokenOut]:
    return service.list_tokens(session, user, page)


@router.post("/me/tokens", status_code=201)
def create_token(user: CurrentUser, body: TokenIn, session: SessionDep, response: Response) -> NewToken:
    response.headers[SECRET_REPLY] = "1"
    return service.create_token(session, user, body)


@router.delete("/me/tokens/{token_id}", status_code=204)
def delete_token(user: CurrentUser, token_id: UUID, session: SessionDep) -> None:
    service.delete_token(session, user, token_id)
