"""An S3 prefix as a root."""

from pathlib import Path
from typing import Any

import pytest

from tailbase_core.errors import Invalid, NotFound
from tailbase_core.settings import Settings
from tailbase_core.storage import roots
from tailbase_core.storage.s3 import make_client


@pytest.fixture
def lab(s3_settings: Settings) -> Settings:
    client: Any = make_client(s3_settings, s3_settings.s3_endpoint)
    for key in ("lab/a.mp4", "lab/day1/b.mp4", "lab/day1/c.txt", "laboratory/d.mp4"):
        client.put_object(Bucket=s3_settings.s3_bucket, Key=key, Body=key.encode())
    return s3_settings.model_copy(update={"s3_roots": (f"s3://{s3_settings.s3_bucket}/lab",)})


def test_a_prefix_is_browsed_like_a_folder(lab: Settings) -> None:
    entries, _ = roots.browse(lab, "lab", "")

    assert [(e.name, e.kind, e.relative) for e in entries] == [("a.mp4", "file", "a.mp4"), ("day1", "dir", "day1")]


def test_files_below_a_folder_are_found_by_pattern(lab: Settings) -> None:
    found = roots.find(roots.root_named(lab, "lab"), "", "*.mp4", recursive=True, limit=10)

    assert [(e.relative, e.size_bytes) for e in found] == [("a.mp4", 9), ("day1/b.mp4", 14)]


def test_a_file_is_fetched_and_its_size_told(lab: Settings, tmp_path: Path) -> None:
    root = roots.root_named(lab, "lab")

    root.fetch("day1/b.mp4", tmp_path / "b.mp4")

    assert (tmp_path / "b.mp4").read_bytes() == b"lab/day1/b.mp4"
    assert (root.size("a.mp4"), root.local_path("a.mp4")) == (9, None)


def test_what_only_begins_like_the_prefix_cannot_be_reached(lab: Settings) -> None:
    root = roots.root_named(lab, "lab")

    with pytest.raises(Invalid):
        root.size("../laboratory/d.mp4")
    with pytest.raises(NotFound):
        root.size("oratory/d.mp4")
