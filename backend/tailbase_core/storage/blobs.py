"""What every driver does. One conformance suite, tests/unit/tailbase_core/storage, runs against all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tailbase_core.settings import Settings


@dataclass(frozen=True)
class Part:
    """A part of an upload that has arrived; `etag` is what its PUT answered."""

    number: int
    size: int
    etag: str


class BlobStore(Protocol):
    """Files by key. A blob is complete or not there; it is never changed, only replaced.

    A missing key raises NotFound, a storage that does not answer StorageUnavailable.
    """

    def put_file(self, key: str, path: Path) -> None: ...

    def put_bytes(self, key: str, data: bytes) -> None: ...

    def get_file(self, key: str, path: Path) -> None:
        """Copy the blob to `path`, which appears only when it is complete."""

    def open_range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Bytes `start` up to but without `end`, in pieces."""

    def size(self, key: str) -> int: ...

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> int:
        """Bytes freed; 0 when it was not there."""

    def delete_prefix(self, prefix: str) -> int:
        """Delete all below `prefix`; bytes freed."""

    def list_prefix(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Key and size of all below `prefix`."""

    def local_path(self, key: str) -> Path | None:
        """The blob's own file, to be read only, where it lies on this machine."""

    def download_url(
        self, key: str, filename: str | None = None, expires: int = 3600, content_type: str | None = None
    ) -> str:
        """A signed URL for the browser; with `filename` it saves instead of showing. Ranges work."""

    def start_multipart(self, key: str) -> str: ...

    def part_url(self, key: str, multipart_id: str, number: int, size: int, expires: int = 86_400) -> str:
        """A signed URL to PUT part `number`, counted from 1, of `size` bytes."""

    def list_parts(self, key: str, multipart_id: str) -> list[Part]:
        """What has arrived, by number; UploadGone when the upload is not open."""

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        """Join the parts into the blob. Done twice, the second changes nothing."""

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        """Drop the parts; an upload that is not open is no error."""

    def check(self) -> None:
        """Raise StorageUnavailable when nothing could be stored."""


def make_store(settings: Settings) -> BlobStore:
    """The driver that the settings name."""
    if settings.uses_s3:
        from tailbase_core.storage.s3 import S3Store

        return S3Store.of(settings)
    from tailbase_core.storage.local import LocalStore

    return LocalStore(settings.data_dir, settings.secret_key.get_secret_value())
