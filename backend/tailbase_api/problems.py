"""Every error leaves as problem+json: a stable code, a sentence, the request's id, never a traceback."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from tailbase_core.errors import Conflict, Invalid, TailbaseError, Unavailable

_log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

_HTTP_CODES = {
    400: ("request.malformed", "The request could not be read"),
    404: ("not_found", "Not found"),
    405: ("method.not_allowed", "This address does not take that method"),
    413: ("too_large", "Too large"),
    415: ("media_type.unsupported", "Unsupported media type"),
}


class Problem(BaseModel):
    """Every error. `code` is stable and for programs, `detail` a sentence for people; some carry further members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    field: str | None = None


def problem(request_id: str, error: TailbaseError) -> JSONResponse:
    """The reply for an error; its extras stand beside the standard members and cannot replace them."""
    body: dict[str, Any] = dict(error.extra) | {
        "type": f"urn:tailbase:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "request_id": request_id,
    }
    if error.field is not None:
        body["field"] = error.field
    headers = {"Retry-After": str(error.extra.get("retry_after", 2))} if error.status in (429, 503) else None
    return JSONResponse(body, error.status, headers, media_type=MEDIA_TYPE)


def request_id(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


def unexpected() -> TailbaseError:
    return TailbaseError("This is our mistake, not yours. Give the request id to whoever runs this server.")


def _tailbase(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TailbaseError)  # noqa: S101
    return problem(request_id(request), error)


def _place(location: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _validation(request: Request, error: Exception) -> JSONResponse:
    """The first mistake as the sentence, all of them (at most twenty) in `errors`; the input is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = [{"field": _place(e["loc"]), "message": str(e["msg"])} for e in error.errors()[:20]]
    first = found[0]
    detail = f"{first['field']}: {first['message']}"
    return problem(request_id(request), Invalid("request.invalid", detail, field=first["field"], errors=found))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code, title = _HTTP_CODES.get(error.status_code, ("request.refused", "The request was refused"))
    answer = TailbaseError(str(error.detail))
    answer.status, answer.code, answer.title = error.status_code, code, title
    reply = problem(request_id(request), answer)
    reply.headers.update(error.headers or {})
    return reply


def _server_down(request: Request, error: Exception) -> JSONResponse:
    _log.warning("server.unreachable", error=type(error).__name__)
    return problem(request_id(request), Unavailable("The database or Redis does not answer. Try again in a moment."))


def _database(request: Request, error: Exception) -> JSONResponse:
    """A connection that broke under a statement is the server's outage; anything else is our mistake."""
    assert isinstance(error, DBAPIError)  # noqa: S101
    if error.connection_invalidated:
        return _server_down(request, error)
    _log.error("database.error", exc_info=error)
    return problem(request_id(request), unexpected())


def _clash(request: Request, error: Exception) -> JSONResponse:
    _log.info("database.clash", error=str(getattr(error, "orig", ""))[:300])
    return problem(request_id(request), Conflict("conflict", "Someone changed this at the same moment. Try again."))


def _bad_value(request: Request, _: Exception) -> JSONResponse:
    return problem(request_id(request), Invalid("value.invalid", "A value cannot be stored. Is a number too large?"))


def install(app: FastAPI) -> None:
    app.add_exception_handler(TailbaseError, _tailbase)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _clash)
    app.add_exception_handler(DataError, _bad_value)
    app.add_exception_handler(DBAPIError, _database)
    for kind in (OperationalError, PoolTimeout, RedisError):
        app.add_exception_handler(kind, _server_down)


# What routes say of their errors. It replaces FastAPI's own description of a 422, which we never send.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def describe(app: FastAPI) -> None:
    """Add the schema RESPONSES refers to, when the OpenAPI document is made."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return document

    app.openapi = openapi  # type: ignore[method-assign]
