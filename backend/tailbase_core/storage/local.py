"""Blobs in a folder of this machine. The API serves them at signed URLs, the twin of S3's presigned ones."""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tailbase_core.errors import NotFound, TooLarge
from tailbase_core.security import sign, verify
from tailbase_core.storage.blobs import Part
from tailbase_core.storage.errors import BadKey, PartsDiffer, StorageUnavailable, UploadGone
from tailbase_core.storage.keys import checked, checked_prefix

URL_PREFIX = "/api/v1/blobs"
_PIECE = 1024 * 1024


class LocalStore:
    """`blobs/<key>` below `folder`; beside them `parts/<upload>` for open uploads and `unfinished` for writes."""

    def __init__(self, folder: Path, secret: str) -> None:
        self._blobs = folder / "blobs"
        self._parts = folder / "parts"
        self._unfinished = folder / "unfinished"
        self._secret = secret
        for part in (self._blobs, self._parts, self._unfinished):
            part.mkdir(parents=True, exist_ok=True)

    def put_file(self, key: str, path: Path) -> None:
        with self._new(self._path(key)) as unfinished:
            shutil.copyfile(path, unfinished)

    def put_bytes(self, key: str, data: bytes) -> None:
        with self._new(self._path(key)) as unfinished:
            unfinished.write_bytes(data)

    def get_file(self, key: str, path: Path) -> None:
        source = self._existing(key)
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        shutil.copyfile(source, unfinished)
        unfinished.replace(path)

    def open_range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        with self._existing(key).open("rb") as file:
            file.seek(start)
            while (left := end - file.tell()) > 0 and (piece := file.read(min(_PIECE, left))):
                yield piece

    def size(self, key: str) -> int:
        return self._existing(key).stat().st_size

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> int:
        path = self._path(key)
        try:
            freed = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        self._drop_empty(path.parent)
        return freed

    def delete_prefix(self, prefix: str) -> int:
        freed = sum(size for _, size in self.list_prefix(prefix))
        folder = self._blobs / checked_prefix(prefix)
        shutil.rmtree(folder, ignore_errors=True)
        self._drop_empty(folder.parent)
        return freed

    def list_prefix(self, prefix: str) -> Iterator[tuple[str, int]]:
        for path in sorted((self._blobs / checked_prefix(prefix)).rglob("*")):
            if path.is_file():
                yield path.relative_to(self._blobs).as_posix(), path.stat().st_size

    def local_path(self, key: str) -> Path | None:
        return self._existing(key)

    def download_url(
        self, key: str, filename: str | None = None, expires: int = 3600, content_type: str | None = None
    ) -> str:
        # Rounded up to the hour, so that a browser meets the same URL again and uses its cache.
        until = -(-(int(time.time()) + expires) // 3600) * 3600
        signature = sign(self._secret, _download_text(key, until, filename or "", content_type or ""))
        query = {"expires": until, "signature": signature, "name": filename, "type": content_type}
        return f"{URL_PREFIX}/{checked(key)}?{urlencode({k: v for k, v in query.items() if v is not None})}"

    def may_download(
        self, key: str, expires: int, signature: str, filename: str | None = None, content_type: str | None = None
    ) -> bool:
        """Whether a download URL is ours and still valid."""
        text = _download_text(key, expires, filename or "", content_type or "")
        return expires >= time.time() and verify(self._secret, text, signature)

    def start_multipart(self, key: str) -> str:
        self._path(key)
        multipart_id = secrets.token_hex(16)
        folder = self._parts / multipart_id
        folder.mkdir()
        (folder / "key").write_text(key)
        return multipart_id

    def part_url(self, key: str, multipart_id: str, number: int, size: int, expires: int = 86_400) -> str:
        self._open_upload(key, multipart_id)
        until = int(time.time()) + expires
        signature = sign(self._secret, _part_text(multipart_id, number, size, until))
        query = urlencode({"size": size, "expires": until, "signature": signature})
        return f"{URL_PREFIX}/parts/{multipart_id}/{number}?{query}"

    def may_upload(self, multipart_id: str, number: int, size: int, expires: int, signature: str) -> bool:
        """Whether a part URL is ours and still valid."""
        text = _part_text(multipart_id, number, size, expires)
        return expires >= time.time() and verify(self._secret, text, signature)

    def write_part(self, multipart_id: str, number: int, pieces: Iterable[bytes], size: int) -> Part:
        """Keep a part once exactly `size` bytes have come; the caller has checked `may_upload`."""
        folder = self._parts / checked(multipart_id)
        if "/" in multipart_id or not folder.is_dir():
            raise UploadGone
        digest, written = hashlib.sha256(), 0
        with self._new(folder / f"{number:05d}") as unfinished, unfinished.open("wb") as file:
            for piece in pieces:
                if (written := written + len(piece)) > size:
                    raise TooLarge(f"Part {number} is longer than the {size} bytes it was announced with.")
                digest.update(piece)
                file.write(piece)
            if written != size:
                raise PartsDiffer
        (folder / f"{number:05d}.etag").write_text(digest.hexdigest())
        return Part(number, size, digest.hexdigest())

    def list_parts(self, key: str, multipart_id: str) -> list[Part]:
        folder = self._open_upload(key, multipart_id)
        arrived = sorted(path for path in folder.glob("*.etag"))
        return [Part(int(p.stem), p.with_suffix("").stat().st_size, p.read_text()) for p in arrived]

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        if not (self._parts / checked(multipart_id)).exists() and self.exists(key):
            return
        folder = self._open_upload(key, multipart_id)
        wanted = sorted(parts, key=lambda part: part.number)
        if not wanted or wanted != self.list_parts(key, multipart_id):
            raise PartsDiffer
        with self._new(self._path(key)) as unfinished, unfinished.open("wb") as file:
            for part in wanted:
                with (folder / f"{part.number:05d}").open("rb") as source:
                    shutil.copyfileobj(source, file, _PIECE)
        shutil.rmtree(folder, ignore_errors=True)

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        try:
            folder = self._open_upload(key, multipart_id)
        except UploadGone:
            return
        shutil.rmtree(folder, ignore_errors=True)

    def check(self) -> None:
        if not os.access(self._blobs, os.W_OK):
            raise StorageUnavailable("The data folder cannot be written. Check its permissions and that it is there.")

    def _path(self, key: str) -> Path:
        return self._blobs / checked(key)

    def _existing(self, key: str) -> Path:
        if not (path := self._path(key)).is_file():
            raise NotFound("file")
        return path

    def _open_upload(self, key: str, multipart_id: str) -> Path:
        if "/" in checked(multipart_id):
            raise BadKey
        folder = self._parts / multipart_id
        try:
            known = (folder / "key").read_text()
        except FileNotFoundError:
            raise UploadGone from None
        if known != key:
            raise UploadGone
        return folder

    @contextmanager
    def _new(self, path: Path) -> Iterator[Path]:
        """A file to write that appears at `path` when it is whole and on the disk, or not at all."""
        unfinished = self._unfinished / secrets.token_hex(16)
        try:
            yield unfinished
            _flush(unfinished)
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.replace(path)
            _flush(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)

    def _drop_empty(self, folder: Path) -> None:
        while folder != self._blobs and folder.is_relative_to(self._blobs):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _download_text(key: str, until: int, filename: str, content_type: str) -> str:
    return "\n".join(("download", key, str(until), filename, content_type))


def _part_text(multipart_id: str, number: int, size: int, until: int) -> str:
    return "\n".join(("part", multipart_id, str(number), str(size), str(until)))
