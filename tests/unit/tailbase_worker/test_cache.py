"""Copies of blobs on this machine."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tailbase_worker.cache import Cache


def content(text: bytes) -> Callable[[Path], None]:
    def fetch(path: Path) -> None:
        path.write_bytes(text)

    return fetch


def refuse(_path: Path) -> None:
    raise AssertionError("it should be here already")


def names(cache_folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in cache_folder.iterdir())


def test_a_file_is_fetched_once(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)

    first = cache.file("a", 3, content(b"abc"))

    assert cache.file("a", 3, refuse) == first
    assert first.read_bytes() == b"abc"


def test_the_file_used_longest_ago_makes_room(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 7)
    for number, text in enumerate((b"aaa", b"bbb")):
        path = cache.file(text.decode(), 3, content(text))
        os.utime(path, (number, number))
    cache.release()
    cache.file("aaa", 3, refuse)
    cache.release()

    cache.file("ccc", 3, content(b"ccc"))

    assert names(tmp_path) == [b"aaa", b"ccc"]


def test_files_of_the_job_under_way_stay_even_when_there_is_no_room(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 4)

    for text in (b"aaa", b"bbb"):
        cache.file(text.decode(), 3, content(text))

    assert names(tmp_path) == [b"aaa", b"bbb"]


def test_a_fetch_that_breaks_leaves_no_file_to_be_taken_for_whole(tmp_path: Path) -> None:
    def broken(path: Path) -> None:
        path.write_bytes(b"a")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Cache(tmp_path, 100).file("a", 3, broken)

    assert names(tmp_path) == []
    assert Cache(tmp_path, 100).file("a", 3, content(b"abc")).read_bytes() == b"abc"


def test_a_copy_of_another_size_is_fetched_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    cache.file("a", 1, content(b"a"))

    assert cache.file("a", 3, content(b"abc")).read_bytes() == b"abc"
