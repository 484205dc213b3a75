"""What one request leaves behind: an id, a log line without secrets, and numbers for Prometheus."""

import logging
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tailbase_api.problems import problem, unexpected

_SECRET = re.compile(
    r"(tb_)[A-Za-z0-9_-]{8,}"
    r"|((?:signature|token|password|secret|X-Amz-[A-Za-z-]+)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+"
    r"|(auth/link/|[?&]link=)[^/?&\s\"']+"
    r"|(//[^/\s:@]+:)[^@\s/]+(?=@)",
    re.IGNORECASE,
)
_SECRET_NAMES = {"password", "token", "authorization", "cookie", "secret", "secret_key"}


def redact(text: str) -> str:
    """`text` without tokens, passwords, signatures and the passwords inside URLs."""
    return _SECRET.sub(lambda found: "".join(kept or "" for kept in found.groups()) + "***", text)


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name.lower() in _SECRET_NAMES:
            event[name] = "***"
        elif isinstance(value, str):
            event[name] = redact(value)
    return event


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure_logging() -> None:
    """One JSON line an event to stderr; other libraries' warnings pass through the same redaction."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            _redact_event,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacted("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("tailbase_requests_total", "Requests answered", labels, registry=self.registry)
        self.seconds = Histogram("tailbase_request_seconds", "Time to the reply", labels[:2], registry=self.registry)


class Telemetry:
    """The outermost layer: names the request, answers what nobody expected, adds headers, counts and logs."""

    def __init__(self, app: ASGIApp, metrics: Metrics, headers: Mapping[str, str]) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = headers
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = uuid4().hex
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_marked)
        except Exception as error:
            self._log.error("request.crashed", exc_info=error)
            if status == 0:
                await problem(request_id, unexpected())(scope, receive, send_marked)
        finally:
            self._note(scope, status, time.perf_counter() - started)
            structlog.contextvars.clear_contextvars()

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(scope["method"], route, status).inc()
        self._metrics.seconds.labels(scope["method"], route).observe(seconds)
        milliseconds = round(seconds * 1000, 1)
        self._log.info("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)
