"""The router every feature starts from: strict JSON in, replayable POSTs, operation ids that are function names."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from tailbase_api import idempotency
from tailbase_api.problems import RESPONSES
from tailbase_core.errors import Invalid

PREFIX = "/api/v1"

_DEEPEST = 50
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def _refuse_constant(name: str) -> Any:
    raise Invalid("json.number", f"{name} is not a JSON number.")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Invalid("json.duplicate_key", "An object names the same member twice.")
    return made


def _check(value: Any, depth: int = 0) -> None:
    """Postgres stores neither NUL nor halves of surrogate pairs, and nothing of ours is nested deeply."""
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise Invalid("json.text", "Text may not contain NUL or half of a surrogate pair.")
    if depth > _DEEPEST:
        raise Invalid("json.unreadable", "The JSON is nested too deeply.")
    if isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)
    if isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


def read_json(body: bytes) -> Any:
    """JSON without what readers and stores disagree about: doubled members, NaN and infinity, text that is none."""
    try:
        value = json.loads(body, object_pairs_hook=_no_doubles, parse_constant=_refuse_constant)
    except (RecursionError, ValueError) as unreadable:
        raise Invalid("json.unreadable", "The body is not JSON, or holds a number too long.") from unreadable
    # Looked at only where it can matter: most bodies are short and plain.
    if b"\\u" in body or body.count(b"{") + body.count(b"[") > _DEEPEST:
        _check(value)
    return value


class _JsonRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json


class Route(APIRoute):
    """Reads JSON strictly and keeps the replies of POSTs that carry an Idempotency-Key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        takes_json = self.body_field is not None

        async def answer(request: Request) -> Response:
            strict = _JsonRequest(request.scope, request.receive)
            # FastAPI would answer its own errors if it were the first to parse the body.
            if takes_json and await strict.body():
                await strict.json()
            return await idempotency.answer(strict, handler)

        return answer


def feature_router(tag: str) -> APIRouter:
    """A router under the API's prefix whose operations carry the tag."""
    return APIRouter(prefix=PREFIX, tags=[tag], route_class=Route, responses=RESPONSES)
