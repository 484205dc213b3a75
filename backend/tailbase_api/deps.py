"""What routes ask for: the services, a session that commits before the reply, the user, and their role in a project."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast
from uuid import UUID

from anyio import CancelScope
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from tailbase_api import idempotency
from tailbase_api.access import find_access, find_user
from tailbase_api.cookie import COOKIE
from tailbase_api.services import Services
from tailbase_core.errors import Forbidden, NotFound, NotSignedIn
from tailbase_core.tables import Project, User

VIEWERS = ("owner", "editor", "annotator", "reviewer", "viewer")
LABELERS = ("owner", "editor", "annotator", "reviewer")
REVIEWERS = ("owner", "editor", "reviewer")
EDITORS = ("owner", "editor")
OWNERS = ("owner",)


async def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]


async def _session(request: Request) -> AsyncIterator[Session]:
    """A session for one request; see `Services.seats` for why it takes a seat first."""
    given = await services(request)
    async with given.seats:
        session = given.sessions()
        try:
            yield session
        except BaseException:
            with CancelScope(shield=True):
                await run_in_threadpool(session.close)
            raise
        await run_in_threadpool(_commit_and_close, session)


def _commit_and_close(session: Session) -> None:
    with session:
        session.commit()


# scope="function" commits before the reply is sent: what was answered 2xx is stored.
SessionDep = Annotated[Session, Depends(_session, scope="function")]


def credentials(request: Request) -> tuple[str, str] | None:
    """("token", value) or ("cookie", value), or None for somebody unknown."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value:
        return "token", value.strip()
    cookie = request.cookies.get(COOKIE)
    return ("cookie", cookie) if cookie else None


def _signed_in(request: Request, session: SessionDep) -> User:
    """Asked for once a request, however many dependencies want to know."""
    if (known := getattr(request.state, "user", None)) is not None:
        return cast(User, known)
    given = credentials(request)
    user = find_user(session, *given) if given else None
    if user is None:
        raise NotSignedIn("Sign in, or send a valid API token.")
    request.state.user = user
    return user


# For what belongs to no project and is not replayed; routes ask for CurrentUser.
SignedIn = Annotated[User, Depends(_signed_in)]
RequestHash = Annotated[str | None, Depends(idempotency.request_hash)]


def _current_user(request: Request, session: SessionDep, request_hash: RequestHash) -> User:
    user = _signed_in(request, session)
    idempotency.reserve(request, session, user.id, request_hash)
    return user


CurrentUser = Annotated[User, Depends(_current_user)]


def _admin(request: Request, session: SessionDep, request_hash: RequestHash) -> User:
    user = _signed_in(request, session)
    if not user.is_admin:
        raise Forbidden("Only the owner of this installation may do that.")
    idempotency.reserve(request, session, user.id, request_hash)
    return user


AdminUser = Annotated[User, Depends(_admin)]


@dataclass(frozen=True)
class Access:
    """Who acts in which project, in which role."""

    user: User
    project: Project
    role: str

    @property
    def project_id(self) -> UUID:
        return self.project.id

    def need(self, roles: tuple[str, ...]) -> None:
        if self.role not in roles:
            raise Forbidden(f"This needs the role {' or '.join(roles)}; yours is {self.role}.")


def _in_role(roles: tuple[str, ...]) -> Callable[..., Access]:
    # One function, not a chain of dependencies: each would cost a change of threads.
    def access(request: Request, session: SessionDep, project_id: UUID, request_hash: RequestHash) -> Access:
        user = _signed_in(request, session)
        found = find_access(session, user.id, project_id)
        if found is None:
            raise NotFound("project")
        given = Access(user, *found)
        given.need(roles)
        # Only after the role is known: a reply kept for a key is not shown to somebody who left the project.
        idempotency.reserve(request, session, user.id, request_hash)
        return given

    return access


def _depends(roles: tuple[str, ...]) -> Any:
    return Depends(_in_role(roles))


ViewerAccess = Annotated[Access, _depends(VIEWERS)]
AnnotatorAccess = Annotated[Access, _depends(LABELERS)]
ReviewerAccess = Annotated[Access, _depends(REVIEWERS)]
EditorAccess = Annotated[Access, _depends(EDITORS)]
OwnerAccess = Annotated[Access, _depends(OWNERS)]
