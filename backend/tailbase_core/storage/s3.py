"""Blobs in a bucket of any S3 server."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tailbase_core.errors import NotFound
from tailbase_core.settings import Settings
from tailbase_core.storage.blobs import Part
from tailbase_core.storage.errors import PartsDiffer, StorageUnavailable, UploadGone
from tailbase_core.storage.keys import attachment, checked, checked_prefix

P = ParamSpec("P")
R = TypeVar("R")

_PIECE = 1024 * 1024
_MISSING = {"404", "NoSuchKey", "NotFound"}
_NO_UPLOAD = {"NoSuchUpload"}
_BAD_PARTS = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML"}


def make_client(settings: Settings, endpoint: str) -> Any:
    """A client for `endpoint` (empty: AWS), shared by all who ask for the same."""
    return _client(
        endpoint,
        settings.s3_region,
        settings.s3_access_key.get_secret_value(),
        settings.s3_secret_key.get_secret_value(),
    )


@lru_cache(maxsize=8)
def _client(endpoint: str, region: str, access_key: str, secret_key: str) -> Any:
    """It retries with back-off and gives up after a bounded time."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint else "auto"},
        retries={"mode": "standard", "max_attempts": 5},
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=20,
        # Servers other than AWS refuse the checksums that newer clients add by themselves.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # A session of its own: boto3's default session is not safe to use from several threads.
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        config=config,
    )


def in_our_words(call: Callable[P, R]) -> Callable[P, R]:
    """Turn boto's errors into ours."""

    @wraps(call)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except ClientError as error:
            raise _translated(error) from error
        except (BotoCoreError, Boto3Error) as error:
            raise StorageUnavailable from error

    return wrapped


def _translated(error: ClientError) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _MISSING:
        return NotFound("file")
    if code in _NO_UPLOAD:
        return UploadGone()
    if code in _BAD_PARTS:
        return PartsDiffer()
    return StorageUnavailable()


class S3Store:
    """`public` signs URLs for browsers, which may reach the server at another address than we do."""

    def __init__(self, client: Any, public: Any, bucket: str) -> None:
        self._client = client
        self._public = public
        self._bucket = bucket

    @classmethod
    def of(cls, settings: Settings) -> "S3Store":
        client = make_client(settings, settings.s3_endpoint)
        public = make_client(settings, settings.s3_public_endpoint or settings.s3_endpoint)
        return cls(client, public, settings.s3_bucket)

    @in_our_words
    def put_file(self, key: str, path: Path) -> None:
        self._client.upload_file(str(path), self._bucket, checked(key))

    @in_our_words
    def put_bytes(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=checked(key), Body=data)

    @in_our_words
    def get_file(self, key: str, path: Path) -> None:
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            self._client.download_file(self._bucket, checked(key), str(unfinished))
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def open_range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        if end <= start:
            return
        body = self._get(key, f"bytes={start}-{end - 1}")
        while piece := self._read(body):
            yield piece

    @in_our_words
    def _get(self, key: str, span: str) -> Any:
        return self._client.get_object(Bucket=self._bucket, Key=checked(key), Range=span)["Body"]

    @in_our_words
    def _read(self, body: Any) -> bytes:
        return bytes(body.read(_PIECE))

    @in_our_words
    def size(self, key: str) -> int:
        return int(self._client.head_object(Bucket=self._bucket, Key=checked(key))["ContentLength"])

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except NotFound:
            return False
        return True

    @in_our_words
    def delete(self, key: str) -> int:
        try:
            freed = self.size(key)
        except NotFound:
            return 0
        self._client.delete_object(Bucket=self._bucket, Key=checked(key))
        return freed

    @in_our_words
    def delete_prefix(self, prefix: str) -> int:
        freed = 0
        for page in self._pages(checked_prefix(prefix)):
            if found := page.get("Contents", []):
                self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": [{"Key": o["Key"]} for o in found], "Quiet": True}
                )
                freed += sum(o["Size"] for o in found)
        return freed

    def list_prefix(self, prefix: str) -> Iterator[tuple[str, int]]:
        for page in self._pages(checked_prefix(prefix)):
            for found in page.get("Contents", []):
                yield found["Key"], found["Size"]

    def _pages(self, prefix: str) -> Iterator[Any]:
        token: dict[str, Any] = {}
        while True:
            page = self._page(prefix, token)
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    @in_our_words
    def _page(self, prefix: str, token: dict[str, Any]) -> Any:
        return self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **token)

    def local_path(self, key: str) -> Path | None:
        checked(key)
        return None

    def download_url(
        self, key: str, filename: str | None = None, expires: int = 3600, content_type: str | None = None
    ) -> str:
        params = {"Bucket": self._bucket, "Key": checked(key)}
        if filename:
            params["ResponseContentDisposition"] = attachment(filename)
        if content_type:
            params["ResponseContentType"] = content_type
        return str(self._public.generate_presigned_url("get_object", Params=params, ExpiresIn=expires))

    @in_our_words
    def start_multipart(self, key: str) -> str:
        return str(self._client.create_multipart_upload(Bucket=self._bucket, Key=checked(key))["UploadId"])

    def part_url(self, key: str, multipart_id: str, number: int, size: int, expires: int = 86_400) -> str:
        params = {
            "Bucket": self._bucket,
            "Key": checked(key),
            "UploadId": multipart_id,
            "PartNumber": number,
            "ContentLength": size,
        }
        return str(self._public.generate_presigned_url("upload_part", Params=params, ExpiresIn=expires))

    @in_our_words
    def list_parts(self, key: str, multipart_id: str) -> list[Part]:
        pages = self._client.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=checked(key), UploadId=multipart_id
        )
        return [
            Part(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
            for page in pages
            for part in page.get("Parts", [])
        ]

    @in_our_words
    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        try:
            arrived = self.list_parts(key, multipart_id)
        except UploadGone:
            if self.exists(key):
                return
            raise
        wanted = sorted(parts, key=lambda part: part.number)
        if not wanted or wanted != arrived:
            raise PartsDiffer
        self._client.complete_multipart_upload(
            Bucket=self._bucket,
            Key=checked(key),
            UploadId=multipart_id,
            MultipartUpload={"Parts": [{"PartNumber": p.number, "ETag": p.etag} for p in wanted]},
        )

    @in_our_words
    def abort_multipart(self, key: str, multipart_id: str) -> None:
        try:
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=checked(key), UploadId=multipart_id)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _NO_UPLOAD:
                raise

    @in_our_words
    def check(self) -> None:
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            raise StorageUnavailable("The bucket cannot be reached. Check its name and the access keys.") from error
