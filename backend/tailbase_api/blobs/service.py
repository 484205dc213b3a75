"""Files of this machine behind signed addresses, and the parts of uploads on their way in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path, PurePosixPath

import anyio
from anyio import CapacityLimiter, from_thread, to_thread
from fastapi.responses import FileResponse

from tailbase_core.errors import Forbidden, NotFound, TailbaseError
from tailbase_core.storage import BlobStore, Part
from tailbase_core.storage.keys import attachment
from tailbase_core.storage.local import LocalStore

# What a browser may show; everything else is saved, so that no uploaded file runs as a page of ours.
_SHOWN = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".bin": "application/octet-stream",
    ".safetensors": "application/octet-stream",
}
_SHOWN_TYPES = {*_SHOWN.values(), "text/csv", "application/zip"}
_LONGEST_RANGE = 200
_PIECE = 1024 * 1024
_SILENCE_S = 60.0


class LinkExpired(Forbidden):
    code, title = "link.expired", "This address is no longer valid"

    def __init__(self) -> None:
        super().__init__("This address is wrong or has expired. Load the page again for a fresh one.")


class RangeRefused(TailbaseError):
    status, code, title = 416, "range.refused", "This range cannot be served"


class TooSlow(TailbaseError):
    status, code, title = 408, "upload.too_slow", "The upload stopped"


def local_store(store: BlobStore) -> LocalStore:
    """The driver these routes belong to; with S3 they do not exist."""
    if not isinstance(store, LocalStore):
        raise NotFound("file")
    return store


def send_file(path: Path, name: str | None, media_type: str | None, wanted_range: str | None) -> FileResponse:
    """A file with ranges; it never changes under its address, so a browser may keep it."""
    if wanted_range is not None and len(wanted_range) > _LONGEST_RANGE:
        raise RangeRefused("Ask for fewer ranges at a time.")
    shown = media_type if media_type in _SHOWN_TYPES else _SHOWN.get(PurePosixPath(path.name).suffix.lower())
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if name is not None or shown is None:
        headers["Content-Disposition"] = attachment(name or path.name)
    return FileResponse(path, media_type=shown or "application/octet-stream", headers=headers)


async def receive_part(
    store: LocalStore, limiter: CapacityLimiter, multipart_id: str, number: int, size: int, body: AsyncIterator[bytes]
) -> Part:
    """Write a part while it arrives, a megabyte in memory at a time, in a thread of the uploads' own."""
    batches = _batches(body)

    def pieces() -> Iterator[bytes]:
        while piece := from_thread.run(_next, batches):
            yield piece

    return await to_thread.run_sync(lambda: store.write_part(multipart_id, number, pieces(), size), limiter=limiter)


async def _next(batches: AsyncIterator[bytes]) -> bytes:
    try:
        with anyio.fail_after(_SILENCE_S):
            return await anext(batches, b"")
    except TimeoutError:
        raise TooSlow(f"Nothing arrived for {_SILENCE_S:.0f} seconds. Send this part again.") from None


async def _batches(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for chunk in body:
        gathered += chunk
        if len(gathered) >= _PIECE:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
