"""A prefix of a bucket as a read-only root."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tailbase_core.settings import Settings
from tailbase_core.storage.roots import Entry, checked_relative
from tailbase_core.storage.s3 import in_our_words, make_client


@dataclass(frozen=True)
class S3Root:
    """`prefix` is empty or ends in "/". S3 knows no links and no `..`, so a prefix cannot be left."""

    name: str
    bucket: str
    prefix: str
    client: Any
    public: Any

    @classmethod
    def of(cls, settings: Settings, name: str, url: str) -> "S3Root":
        """From ``s3://bucket/prefix``."""
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
        public = make_client(settings, settings.s3_public_endpoint or settings.s3_endpoint)
        return cls(name, bucket, prefix, make_client(settings, settings.s3_endpoint), public)

    def entries(self, relative: str) -> list[Entry]:
        folder = self._key(relative).rstrip("/")
        found: list[Entry] = []
        for page in self._pages(f"{folder}/" if folder else "", delimiter="/"):
            found += [self._dir(common["Prefix"]) for common in page.get("CommonPrefixes", [])]
            found += [self._file(item) for item in page.get("Contents", []) if not item["Key"].endswith("/")]
        return sorted(found, key=lambda entry: entry.name)

    def walk(self, relative: str) -> Iterator[Entry]:
        folder = self._key(relative).rstrip("/")
        for page in self._pages(f"{folder}/" if folder else "", delimiter=""):
            yield from (self._file(item) for item in page.get("Contents", []) if not item["Key"].endswith("/"))

    @in_our_words
    def size(self, relative: str) -> int:
        return int(self.client.head_object(Bucket=self.bucket, Key=self._key(relative))["ContentLength"])

    def local_path(self, relative: str) -> Path | None:
        checked_relative(relative)
        return None

    @in_our_words
    def fetch(self, relative: str, path: Path) -> None:
        self.client.download_file(self.bucket, self._key(relative), str(path))

    def url(self, relative: str, expires: int = 3600) -> str | None:
        params = {"Bucket": self.bucket, "Key": self._key(relative)}
        return str(self.public.generate_presigned_url("get_object", Params=params, ExpiresIn=expires))

    def _key(self, relative: str) -> str:
        return self.prefix + checked_relative(relative)

    def _dir(self, prefix: str) -> Entry:
        relative = prefix.removeprefix(self.prefix).rstrip("/")
        return Entry(PurePosixPath(relative).name, "dir", None, relative)

    def _file(self, item: dict[str, Any]) -> Entry:
        relative = item["Key"].removeprefix(self.prefix)
        return Entry(PurePosixPath(relative).name, "file", item["Size"], relative)

    def _pages(self, prefix: str, delimiter: str) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page = self._page(prefix, delimiter, token)
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    @in_our_words
    def _page(self, prefix: str, delimiter: str, token: dict[str, str]) -> Any:
        return self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, Delimiter=delimiter, **token)
