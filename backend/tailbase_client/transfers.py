"""Files up and down: in parts, several at once, going on where they stopped."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tailbase_client.errors import Json, TailbaseApiError, error_of, unreachable
from tailbase_client.transport import ATTEMPTS, Transport

Progress = Callable[[str, int, int], None]
"""Called with a stage, what is done of it, and its total."""

PARALLEL = 4
_CHUNK = 1024**2


def silent(stage: str, done: int, total: int) -> None:
    """For those who want to hear nothing."""


class Counter:
    """Adds up what several threads have sent."""

    def __init__(self, stage: str, total: int, done: int, progress: Progress) -> None:
        self._stage, self._total, self._done, self._progress = stage, total, done, progress
        self._lock = threading.Lock()

    def add(self, number: int) -> None:
        with self._lock:
            self._done += number
            self._progress(self._stage, self._done, self._total)


def upload(
    transport: Transport, project_path: str, path: Path, purpose: str, progress: Progress, *, checksum: bool = True
) -> Json:
    """Send a file and give the server's answer to its completion.

    An upload that was interrupted goes on with the parts that are missing, also from another process: its id is kept
    in the user's cache folder until it is complete. With `checksum` the server compares the file's SHA-256.
    """
    note = _note(transport, project_path, path, purpose)
    opened = _reopened(transport, project_path, note)
    if opened is None:
        body: Json = {"filename": path.name, "size_bytes": path.stat().st_size, "purpose": purpose}
        if checksum:
            body["sha256"] = _sha256(path, progress)
        opened = transport.post(f"{project_path}/uploads", body)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(opened["upload_id"]))
    _send_parts(transport, path, opened, progress)
    done: Json = transport.post(f"{project_path}/uploads/{opened['upload_id']}/complete")
    note.unlink(missing_ok=True)
    return done


def _note(transport: Transport, project_path: str, path: Path, purpose: str) -> Path:
    """Where the id of an upload under way is kept; another server, project or version of the file has another note."""
    facts = path.stat()
    words = [transport.url, project_path, str(path.resolve()), purpose, facts.st_size, facts.st_mtime_ns]
    name = hashlib.sha256(json.dumps(words).encode()).hexdigest()
    return Path.home() / ".cache" / "tailbase" / "uploads" / name


def _reopened(transport: Transport, project_path: str, note: Path) -> Json | None:
    """The upload that was begun earlier, if the server still has it open."""
    if not note.exists():
        return None
    try:
        opened: Json = transport.get(f"{project_path}/uploads/{json.loads(note.read_text())}")
    except TailbaseApiError as error:
        if error.status not in (404, 409):
            raise
        note.unlink()
        return None
    return opened


def _send_parts(transport: Transport, path: Path, opened: Json, progress: Progress) -> None:
    arrived = sum(part["size"] for part in opened["received"])
    counter = Counter("uploading", opened["size_bytes"], arrived, progress)
    counter.add(0)
    with ThreadPoolExecutor(PARALLEL) as pool:
        sent = [pool.submit(_send_part, transport, path, opened["part_bytes"], p, counter) for p in opened["parts"]]
        try:
            for part in sent:
                part.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _send_part(transport: Transport, path: Path, part_bytes: int, part: Json, counter: Counter) -> None:
    """Send one part; one that a cut connection left half sent is sent again."""
    start = (part["number"] - 1) * part_bytes
    for attempt in range(ATTEMPTS):
        last = attempt == ATTEMPTS - 1
        try:
            reply = transport.storage.put(
                transport.absolute(part["url"]),
                content=_pieces(path, start, part["size"]),
                headers={"Content-Length": str(part["size"])},
            )
        except httpx.TransportError as error:
            if last:
                raise unreachable(error) from error
            transport.wait(attempt)
            continue
        if reply.is_success:
            counter.add(part["size"])
            return
        if last or reply.status_code < 500:
            raise error_of(reply)
        transport.wait(attempt)


def _pieces(path: Path, start: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while size > 0 and (piece := file.read(min(_CHUNK, size))):
            size -= len(piece)
            yield piece


def _sha256(path: Path, progress: Progress) -> str:
    total, done, digest = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(8 * _CHUNK):
            digest.update(piece)
            done += len(piece)
            progress("reading", done, total)
    return digest.hexdigest()


def download(transport: Transport, url: str, path: Path, progress: Progress = silent) -> Path:
    """Fetch a file; `path` appears only when it is complete. A cut connection goes on where it stopped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    half.unlink(missing_ok=True)
    for attempt in range(ATTEMPTS):
        try:
            _fetch(transport, transport.absolute(url), half, progress)
            break
        except httpx.TransportError as error:
            if attempt == ATTEMPTS - 1:
                raise unreachable(error) from error
            transport.wait(attempt)
    os.replace(half, path)
    return path


def _fetch(transport: Transport, url: str, half: Path, progress: Progress) -> None:
    have = half.stat().st_size if half.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with transport.storage.stream("GET", url, headers=headers) as reply:
        if not reply.is_success:
            reply.read()
            raise error_of(reply)
        if reply.status_code != 206:
            have = 0
        total = have + int(reply.headers.get("content-length", 0))
        with half.open("ab" if have else "wb") as file:
            for piece in reply.iter_raw():
                have += file.write(piece)
                progress("downloading", have, max(total, have))


def artifact_paths(
    transport: Transport, artifacts: list[dict[str, Any]], folder: Path, progress: Progress
) -> list[Path]:
    """The files of a job, each under the last part of its name."""
    return [download(transport, a["url"], folder / Path(a["name"]).name, progress) for a in artifacts]
