"""The server as one person sees it."""

from types import TracebackType
from typing import Any, Self
from uuid import UUID

from tailbase_client import config
from tailbase_client.errors import Json, TailbaseApiError
from tailbase_client.project import Project
from tailbase_client.transport import Transport


class Tailbase:
    """A connection to a Tailbase server.

    >>> with Tailbase("http://127.0.0.1:8420", token="tb_...") as tailbase:
    ...     project = tailbase.project("Reaching")
    ...     video = project.upload_video("monday.mp4")
    ...     project.wait(project.select_frames([video], count=20)[0])

    Replies are the API's JSON as dictionaries. Where a method takes a thing (a video, a job, ...), give its dictionary
    or its id. Everything the server refuses raises TailbaseApiError.

    Args:
        url: where the server's page is opened; None takes server and token from `tailbase remote login`.
        token: an API token, made on the account page.
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        if url is None or token is None:
            saved = config.load()
            url, token = url or saved.url, token or saved.token_for(url or saved.url)
        self._transport = Transport(url, token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def health(self) -> Json:
        health: Json = self._transport.get("/health")
        return health

    def me(self) -> Json:
        user: Json = self._transport.get("/me")["user"]
        return user

    def projects(self) -> list[Json]:
        return list(self._transport.pages("/projects"))

    def project(self, name_or_id: str | UUID) -> Project:
        """One of your projects, by its name (if only one has it) or id."""
        every = self.projects()
        found = [p for p in every if p["id"] == str(name_or_id)] or [p for p in every if p["name"] == str(name_or_id)]
        if len(found) != 1:
            what = "None" if not found else f"{len(found)}"
            names = ", ".join(sorted({p["name"] for p in every})[:20]) or "none"
            raise TailbaseApiError(
                404, "project.unclear", f"{what} of your projects is called {name_or_id}. There are: {names}."
            )
        return Project(self._transport, found[0])

    def create_project(self, name: str, skeleton: Json | None = None, **more: Any) -> Project:
        """`skeleton` is {keypoints: [{name, color?, partner?, part?, view?}], edges?: [[name, name]], views?}."""
        body = {"name": name, **({} if skeleton is None else {"skeleton": skeleton}), **more}
        return Project(self._transport, self._transport.post("/projects", body))

    def roots(self) -> list[str]:
        """The folders of the server that videos can be registered from."""
        return [root["name"] for root in self._transport.get("/roots")]

    def browse(self, root: str, path: str = "") -> list[Json]:
        return list(self._transport.pages(f"/roots/{root}/browse", path=path))

    def workers(self) -> list[Json]:
        workers: list[Json] = self._transport.get("/workers")
        return workers

    def pause_worker(self, name: str, paused: bool = True) -> Json:
        worker: Json = self._transport.patch(f"/workers/{name}", {"paused": paused})
        return worker

    def tokens(self) -> list[Json]:
        return list(self._transport.pages("/me/tokens"))

    def create_token(self, name: str, expires_in_days: int | None = None) -> Json:
        body = {"name": name} | ({} if expires_in_days is None else {"expires_in_days": expires_in_days})
        token: Json = self._transport.post("/me/tokens", body)
        return token

    def delete_token(self, token: Json | str) -> None:
        self._transport.delete(f"/me/tokens/{token['id'] if isinstance(token, dict) else token}")


def sign_in(url: str, email: str, password: str, token_name: str) -> str:
    """Exchange e-mail and password for an API token of that name."""
    transport = Transport(url, "", headers={"Origin": url.rstrip("/")})
    try:
        transport.post("/auth/login", {"email": email, "password": password})
        token: str = transport.post("/me/tokens", {"name": token_name})["token"]
    finally:
        transport.close()
    return token
