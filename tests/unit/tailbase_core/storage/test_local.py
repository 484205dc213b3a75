"""What only the folder driver has: signatures and files that appear whole."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tailbase_core.errors import TooLarge
from tailbase_core.storage.errors import BadKey, PartsDiffer, StorageUnavailable, UploadGone
from tailbase_core.storage.local import LocalStore

KEY = "projects/1/frames/2/image.png"


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path, "a secret for tests")


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_download_url_holds_for_its_key_name_and_time_only(local: LocalStore) -> None:
    signed = query(local.download_url(KEY, filename="a.png"))
    expires, signature = int(signed["expires"]), signed["signature"]

    assert local.may_download(KEY, expires, signature, "a.png")
    assert not local.may_download(KEY + "x", expires, signature, "a.png")
    assert not local.may_download(KEY, expires + 1, signature, "a.png")
    assert not local.may_download(KEY, expires, signature, "b.png")
    assert not local.may_download(KEY, expires, signature, "a.png", "text/html")


def test_an_expired_url_is_refused(local: LocalStore) -> None:
    signed = query(local.download_url(KEY, expires=-7200))

    assert not local.may_download(KEY, int(signed["expires"]), signed["signature"])


def test_a_download_signature_cannot_be_used_to_upload(local: LocalStore) -> None:
    signed = query(local.download_url(KEY))

    assert not local.may_upload(KEY, 1, 1, int(signed["expires"]), signed["signature"])


def test_the_download_url_stays_the_same_for_the_browsers_cache(local: LocalStore) -> None:
    urls = {local.download_url(KEY) for _ in range(3)}

    assert len(urls) <= 2
    assert int(query(urls.pop())["expires"]) >= time.time() + 3600


def test_a_part_longer_or_shorter_than_announced_leaves_nothing(local: LocalStore) -> None:
    upload = local.start_multipart(KEY)

    with pytest.raises(TooLarge):
        local.write_part(upload, 1, [b"12", b"345"], 4)
    with pytest.raises(PartsDiffer):
        local.write_part(upload, 1, [b"12"], 4)

    assert local.list_parts(KEY, upload) == []


def test_a_connection_that_breaks_leaves_no_half_part(local: LocalStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"12"
        raise ConnectionResetError

    upload = local.start_multipart(KEY)

    with pytest.raises(ConnectionResetError):
        local.write_part(upload, 1, broken(), 4)

    assert local.list_parts(KEY, upload) == []
    assert list((tmp_path / "unfinished").iterdir()) == []


@pytest.mark.parametrize("upload", ["../blobs", "a/b", "..", ""])
def test_an_upload_id_that_is_a_path_is_refused(local: LocalStore, upload: str) -> None:
    with pytest.raises((BadKey, UploadGone)):
        local.write_part(upload, 1, [b"1"], 1)


def test_an_upload_belongs_to_the_key_it_was_started_for(local: LocalStore) -> None:
    upload = local.start_multipart(KEY)

    with pytest.raises(UploadGone):
        local.part_url("projects/1/other", upload, 1, 10)


def test_a_blob_lies_in_a_file_of_its_own_and_empty_folders_go(local: LocalStore, tmp_path: Path) -> None:
    local.put_bytes(KEY, b"png")
    path = local.local_path(KEY)
    assert path is not None
    assert path.read_bytes() == b"png"

    local.delete(KEY)

    assert list((tmp_path / "blobs").iterdir()) == []


def test_a_data_folder_that_is_gone_is_said_to_be_unavailable(local: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "blobs").rmdir()

    with pytest.raises(StorageUnavailable):
        local.check()
