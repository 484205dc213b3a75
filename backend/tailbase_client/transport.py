"""Requests to the API: the token, retries that do nothing twice, and pages."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import httpx

from tailbase_client.errors import Json, error_of, unreachable

PREFIX = "/api/v1"
ATTEMPTS = 5
LONGEST_PAUSE = 30.0
_TRY_AGAIN = (429, 502, 503, 504)
_SAFE_TO_REPEAT = ("GET", "PUT", "DELETE", "POST")


class Transport:
    """A connection to one server in the name of one person."""

    def __init__(self, url: str, token: str, *, pause: float = 0.5, headers: dict[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._pause = pause
        own = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = httpx.Timeout(60, connect=10)
        self._api = httpx.Client(headers=own | (headers or {}), timeout=timeout)
        # Signed URLs may lead to another host, which must not see the token.
        self.storage = httpx.Client(timeout=timeout, follow_redirects=True)

    def close(self) -> None:
        self._api.close()
        self.storage.close()

    def get(self, path: str, /, **query: Any) -> Any:
        return self.send("GET", path, params=_given(query)).json()

    def post(self, path: str, body: Json | None = None) -> Any:
        """Carries a key by which the server knows a repeated request, so that it can be sent again."""
        return _body(self.send("POST", path, json=body or {}, headers={"Idempotency-Key": str(uuid4())}))

    def put(self, path: str, body: Json) -> Any:
        return _body(self.send("PUT", path, json=body))

    def patch(self, path: str, body: Json, headers: dict[str, str] | None = None) -> Any:
        return _body(self.send("PATCH", path, json=body, headers=headers))

    def delete(self, path: str) -> Any:
        return _body(self.send("DELETE", path))

    def pages(self, path: str, /, **query: Any) -> Iterator[Json]:
        """All items of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, limit=200, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The reply, if it is a success. A server that is away for a moment is asked again."""
        attempts = ATTEMPTS if method in _SAFE_TO_REPEAT else 1
        for attempt in range(attempts):
            last = attempt == attempts - 1
            try:
                reply = self._api.request(method, self.url + PREFIX + path, **options)
            except httpx.TransportError as error:
                if last:
                    raise unreachable(error) from error
                self.wait(attempt)
                continue
            if reply.is_success or reply.is_redirect:
                return reply
            if last or reply.status_code not in _TRY_AGAIN:
                raise error_of(reply)
            self.wait(attempt, reply.headers.get("retry-after"))
        raise AssertionError("the last attempt returns or raises")

    def wait(self, attempt: int, asked: str | None = None) -> None:
        """Twice as long each time, or as long as the server asks."""
        seconds = float(asked) if asked is not None and asked.isdigit() else self._pause * 2**attempt
        time.sleep(min(seconds, LONGEST_PAUSE))

    def absolute(self, url: str) -> str:
        """Addresses of our own storage come without the host."""
        return urljoin(self.url + "/", url)


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _body(reply: httpx.Response) -> Any:
    return reply.json() if reply.content else None
