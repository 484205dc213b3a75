"""What every driver must do; each test runs against a local folder and an S3 server."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest

from tailbase_core.errors import NotFound
from tailbase_core.storage import BlobStore, Part
from tailbase_core.storage.errors import BadKey, PartsDiffer, UploadGone
from tailbase_core.storage.local import LocalStore

KEY = "projects/1/videos/2/source"
PART = 5 * 1024 * 1024


def send(store: BlobStore, multipart_id: str, number: int, data: bytes, key: str = KEY) -> None:
    """PUT a part at its URL, as the browser would; for the local driver, what the API does with such a request."""
    url = store.part_url(key, multipart_id, number, len(data))
    if not isinstance(store, LocalStore):
        with urlopen(
            Request(url, data=data, method="PUT", headers={"Content-Type": "application/octet-stream"})
        ) as reply:
            assert reply.headers["ETag"]
        return
    path, query = urlsplit(url).path, {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    upload, name = path.removeprefix("/api/v1/blobs/parts/").split("/")
    size = int(query["size"])
    assert store.may_upload(upload, int(name), size, int(query["expires"]), query["signature"])
    store.write_part(upload, int(name), [data[:1000], data[1000:]], size)


def read(store: BlobStore, key: str = KEY) -> bytes:
    return b"".join(store.open_range(key, 0, store.size(key)))


def test_bytes_that_were_put_are_read_back(store: BlobStore) -> None:
    store.put_bytes(KEY, b"pose")

    assert (read(store), store.size(KEY), store.exists(KEY)) == (b"pose", 4, True)


def test_a_file_is_copied_in_and_out(store: BlobStore, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "in").write_bytes(data)

    store.put_file(KEY, tmp_path / "in")
    store.get_file(KEY, tmp_path / "out")

    assert (tmp_path / "out").read_bytes() == data
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in", "out"]


def test_putting_again_replaces(store: BlobStore) -> None:
    store.put_bytes(KEY, b"first")
    store.put_bytes(KEY, b"second")

    assert read(store) == b"second"


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 3, b"012"), (4, 8, b"4567"), (8, 99, b"89"), (5, 5, b"")])
def test_a_range_gives_start_up_to_but_without_end(store: BlobStore, start: int, end: int, expected: bytes) -> None:
    store.put_bytes(KEY, b"0123456789")

    assert b"".join(store.open_range(KEY, start, end)) == expected


@pytest.mark.parametrize(
    "call",
    [lambda s: s.size(KEY), lambda s: list(s.open_range(KEY, 0, 1)), lambda s: s.get_file(KEY, Path("never"))],
)
def test_a_missing_blob_is_not_found(store: BlobStore, call: Callable[[BlobStore], object]) -> None:
    assert not store.exists(KEY)
    with pytest.raises(NotFound):
        call(store)


def test_deleting_tells_the_bytes_it_frees_and_may_be_repeated(store: BlobStore) -> None:
    store.put_bytes(KEY, b"12345")

    assert [store.delete(KEY), store.delete(KEY)] == [5, 0]
    assert not store.exists(KEY)


def test_deleting_a_prefix_spares_what_only_begins_alike(store: BlobStore) -> None:
    store.put_bytes("projects/1/a", b"123")
    store.put_bytes("projects/1/deep/b", b"45")
    store.put_bytes("projects/10/a", b"kept")

    assert store.delete_prefix("projects/1") == 5
    assert list(store.list_prefix("projects/1")) == []
    assert list(store.list_prefix("projects/10")) == [("projects/10/a", 4)]


def test_an_upload_in_parts_becomes_one_blob(store: BlobStore) -> None:
    first, second = os.urandom(PART), os.urandom(1234)
    upload = store.start_multipart(KEY)

    send(store, upload, 2, second)
    send(store, upload, 1, first)
    assert [(p.number, p.size) for p in store.list_parts(KEY, upload)] == [(1, PART), (2, 1234)]
    assert not store.exists(KEY)
    store.complete_multipart(KEY, upload, store.list_parts(KEY, upload))

    assert read(store) == first + second


def test_a_part_sent_again_replaces_the_earlier_one(store: BlobStore) -> None:
    upload = store.start_multipart(KEY)
    send(store, upload, 1, b"torn")
    send(store, upload, 1, b"whole")

    store.complete_multipart(KEY, upload, store.list_parts(KEY, upload))

    assert read(store) == b"whole"


def test_completing_twice_changes_nothing(store: BlobStore) -> None:
    upload = store.start_multipart(KEY)
    send(store, upload, 1, b"data")
    parts = store.list_parts(KEY, upload)

    store.complete_multipart(KEY, upload, parts)
    store.complete_multipart(KEY, upload, parts)

    assert read(store) == b"data"


def test_completing_with_a_missing_or_different_part_is_refused(store: BlobStore) -> None:
    upload = store.start_multipart(KEY)
    send(store, upload, 1, b"data")
    (part,) = store.list_parts(KEY, upload)

    for parts in ([], [part, Part(2, 4, part.etag)], [Part(1, 4, "0" * 32)]):
        with pytest.raises(PartsDiffer):
            store.complete_multipart(KEY, upload, parts)
    assert not store.exists(KEY)


def test_an_aborted_upload_is_gone_and_aborting_it_again_is_no_error(store: BlobStore) -> None:
    upload = store.start_multipart(KEY)
    send(store, upload, 1, b"data")

    store.abort_multipart(KEY, upload)
    store.abort_multipart(KEY, upload)

    with pytest.raises(UploadGone):
        store.list_parts(KEY, upload)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "a/../b", "..", "a//b", "a/.hidden", "a\x00b", "a\\b", "ä", "a b", "a/", "x" * 600]
)
def test_a_key_we_did_not_make_is_refused(store: BlobStore, key: str) -> None:
    for call in (store.exists, store.delete, store.local_path, store.start_multipart, store.download_url):
        with pytest.raises(BadKey):
            call(key)
    with pytest.raises(BadKey):
        store.put_bytes(key, b"")


def test_the_download_url_names_the_file_for_the_browser(store: BlobStore) -> None:
    store.put_bytes(KEY, b"pose")

    url = store.download_url(KEY, filename="mäuse 1.csv", content_type="text/csv")

    assert "m%C3%A4use" in url or "m%25C3%25A4use" in url
    if not isinstance(store, LocalStore):
        with urlopen(Request(url, headers={"Range": "bytes=1-2"})) as reply:
            assert (reply.status, reply.read()) == (206, b"os")


def test_a_working_store_passes_its_check(store: BlobStore) -> None:
    store.check()
