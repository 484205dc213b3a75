"""What is looked at before a request reaches a route: where it comes from, what it claims to carry, and how much."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tailbase_api.cookie import COOKIE
from tailbase_api.problems import problem
from tailbase_api.routing import PREFIX
from tailbase_core.errors import Forbidden, TailbaseError, TooLarge, UnsupportedMedia
from tailbase_core.settings import Settings

SAFE = ("GET", "HEAD", "OPTIONS")
PARTS = f"{PREFIX}/blobs/parts/"
# JSON bodies; a part of an upload is as long as its address says.
MAX_BODY_BYTES = 4 * 1024**2


class ForeignOrigin(Forbidden):
    code, title = "auth.origin", "This request came from another site"


class Gate:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._own_origin = _origin(settings.public_url)
        self._any_host = settings.environment == "local"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The signature in the address of a part is its permission; cookies play no role there.
        if scope["type"] != "http" or scope["path"].startswith(PARTS):
            await self._app(scope, receive, send)
            return
        if (refusal := self._refusal(scope["method"], Headers(scope=scope))) is not None:
            await problem(str(scope.get("request_id", "")), refusal)(scope, receive, send)
            return
        await self._app(scope, _limited(receive), send)

    def _refusal(self, method: str, headers: Headers) -> TailbaseError | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > MAX_BODY_BYTES:
            return _too_large()
        if method in SAFE:
            return None
        if not self._same_origin(headers):
            return ForeignOrigin("Requests that change something must come from Tailbase's own pages.")
        has_body = "transfer-encoding" in headers or int(length) > 0
        if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return UnsupportedMedia("Send JSON, with Content-Type: application/json.")
        return None

    def _same_origin(self, headers: Headers) -> bool:
        """Browsers send Origin with every unsafe request; scripts send neither Origin nor our cookie."""
        origin = headers.get("origin")
        if origin is None:
            return f"{COOKIE}=" not in headers.get("cookie", "") or "authorization" in headers
        # On one machine people come by localhost, 127.0.0.1 or a tunnel; a browser does not let a page choose Host.
        return origin == self._own_origin or (self._any_host and urlsplit(origin).netloc == headers.get("host"))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _too_large() -> TooLarge:
    return TooLarge(f"A request may have {MAX_BODY_BYTES // 1024**2} MiB. Files go through uploads.")


def _limited(receive: Receive) -> Receive:
    """`receive` that counts what comes, for bodies that do not say their length or lie about it."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise _too_large()
        return message

    return counted
