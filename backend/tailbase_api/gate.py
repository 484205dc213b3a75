"""What is looked at before a request reaches a route: where it comes from and what it claims to carry."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tailbase_api.cookie import COOKIE
from tailbase_api.problems import problem
from tailbase_api.routing import PREFIX
from tailbase_core.errors import Forbidden, TailbaseError, UnsupportedMedia
from tailbase_core.settings import Settings

SAFE = ("GET", "HEAD", "OPTIONS")
PARTS = f"{PREFIX}/blobs/parts/"


class ForeignOrigin(Forbidden):
    code, title = "auth.origin", "This request came from another site"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Gate:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._own_origin = _origin(settings.public_url)
        self._any_host = settings.environment == "local"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE:
            headers = Headers(scope=scope)
            if (refusal := self._refusal(scope["path"], headers)) is not None:
                await problem(str(scope.get("request_id", "")), refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, path: str, headers: Headers) -> TailbaseError | None:
        # The signature in the address of a part is its permission; cookies play no role there.
        if path.startswith(PARTS):
            return None
        if not self._same_origin(headers):
            return ForeignOrigin("Requests that change something must come from Tailbase's own pages.")
        if _has_body(headers) and headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return UnsupportedMedia("Send JSON, with Content-Type: application/json.")
        return None

    def _same_origin(self, headers: Headers) -> bool:
        """Browsers send Origin with every unsafe request; scripts send neither Origin nor our cookie."""
        origin = headers.get("origin")
        if origin is None:
            return f"{COOKIE}=" not in headers.get("cookie", "") or "authorization" in headers
        # On one machine people come by localhost, 127.0.0.1 or a tunnel; a browser does not let a page choose Host.
        return origin == self._own_origin or (self._any_host and urlsplit(origin).netloc == headers.get("host"))


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
