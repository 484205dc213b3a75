"""Just enough of the REST API to make the sample project, signed in as the person who started Tailbase."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tailbase_core.errors import Invalid, TailbaseError

Json = dict[str, Any]
Watch = Callable[[Json], None]

POLL_SECONDS = 0.5
ENDED = ("succeeded", "failed", "cancelled")


class Rest:
    """Paths are relative to /api/v1. A refusal is raised with the sentence the API gave."""

    def __init__(self, url: str) -> None:
        # A cookie signs in only what comes from Tailbase's own pages; we say that we do.
        self._http = httpx.Client(base_url=f"{url}/api/v1/", headers={"Origin": url}, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._http.close()

    def send(self, method: str, path: str, body: Json | None = None, **headers: str) -> httpx.Response:
        return _accepted(self._http.request(method, path, json=body, headers=headers))

    def get(self, path: str) -> Json:
        return dict(self.send("GET", path).json())

    def post(self, path: str, body: Json) -> Json:
        return dict(self.send("POST", path, body).json())

    def items(self, path: str) -> Iterator[Json]:
        """Everything in a list, page after page."""
        cursor: str | None = ""
        while cursor is not None:
            reply = _accepted(
                self._http.get(path, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
            ).json()
            yield from reply["items"]
            cursor = reply["next_cursor"]

    def bytes(self, url: str) -> bytes:
        """What lies behind an address the API gave, ours or the storage's."""
        return _accepted(self._http.get(self._absolute(url))).content

    def upload(self, project: str, path: Path, watch: Callable[[int], None]) -> Json:
        """Upload a video in parts; `watch` is told how many bytes have arrived."""
        size = path.stat().st_size
        upload = self.post(
            f"projects/{project}/uploads", {"filename": path.name, "size_bytes": size, "purpose": "video"}
        )
        with path.open("rb") as file:
            for part in upload["parts"]:
                data = file.read(upload["part_bytes"])
                _accepted(self._http.put(self._absolute(part["url"]), content=data))
                watch(file.tell())
        return self.post(f"projects/{project}/uploads/{upload['upload_id']}/complete", {})

    def _absolute(self, url: str) -> httpx.URL:
        """Storage of our own is addressed from the root of the server; httpx would put that below /api/v1."""
        return self._http.base_url.join(url)

    def wait(self, project: str, job: str, watch: Watch) -> Json:
        """Wait until a job ends; `watch` sees it on the way. One that does not succeed is raised."""
        while True:
            state = self.get(f"projects/{project}/jobs/{job}")
            watch(state)
            if state["state"] in ENDED:
                break
            time.sleep(POLL_SECONDS)
        if state["state"] != "succeeded":
            raise Invalid(state["error_code"] or "job.cancelled", state["error_detail"] or f"{state['title']} ended.")
        return state


def _accepted(reply: httpx.Response) -> httpx.Response:
    if reply.is_success:
        return reply
    try:
        problem = reply.json()
    except ValueError:
        problem = {}
    raise Refused(reply, problem)


class Refused(TailbaseError):
    """The API said no."""

    def __init__(self, reply: httpx.Response, problem: Json) -> None:
        super().__init__(problem.get("detail") or f"{reply.request.method} {reply.request.url}: {reply.status_code}")
        self.status = reply.status_code
        self.code = str(problem.get("code", "api.refused"))
