"""Nobody reads a file outside the folders the owner opened."""

from pathlib import Path

import pytest

from tailbase_core.errors import Invalid, NotFound
from tailbase_core.settings import Settings
from tailbase_core.storage import roots


@pytest.fixture
def lab(tmp_path: Path) -> Settings:
    """A root `videos` beside a folder with a secret, and links that try to lead there."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.mp4").write_bytes(b"secret")
    inside = tmp_path / "videos"
    (inside / "day1").mkdir(parents=True)
    (inside / "day1" / "mouse.mp4").write_bytes(b"video")
    (inside / ".hidden.mp4").write_bytes(b"hidden")
    (inside / "out.mp4").symlink_to(tmp_path / "secret" / "key.mp4")
    (inside / "outside").symlink_to(tmp_path / "secret")
    (inside / "dangling.mp4").symlink_to(tmp_path / "nowhere")
    (inside / "same.mp4").symlink_to(inside / "day1" / "mouse.mp4")
    (inside / "day1" / "up").symlink_to(inside)
    return Settings(roots=(inside,))


@pytest.mark.parametrize(
    "path", ["../secret/key.mp4", "day1/../../secret/key.mp4", "..", "/etc/passwd", "a\x00b", "..\\secret", "C:\\x"]
)
def test_a_path_that_tries_to_climb_is_refused(lab: Settings, path: str) -> None:
    with pytest.raises(Invalid, match="does not lie inside"):
        roots.resolve(lab, "videos", path)


@pytest.mark.parametrize("path", ["out.mp4", "outside/key.mp4", "outside", "dangling.mp4", "nothing.mp4"])
def test_a_link_that_leaves_the_root_is_as_if_it_were_not_there(lab: Settings, path: str) -> None:
    with pytest.raises(NotFound):
        roots.resolve(lab, "videos", path)


def test_a_root_that_does_not_exist_is_not_found(lab: Settings) -> None:
    with pytest.raises(NotFound):
        roots.resolve(lab, "secret", "key.mp4")


def test_files_and_links_within_the_root_are_found(lab: Settings) -> None:
    for path in ("day1/mouse.mp4", "./day1//mouse.mp4", "same.mp4"):
        found = roots.resolve(lab, "videos", path)
        assert found is not None
        assert found.read_bytes() == b"video"


def test_browsing_shows_neither_hidden_files_nor_links_that_leave(lab: Settings) -> None:
    entries, after = roots.browse(lab, "videos", "")

    assert [(entry.name, entry.kind) for entry in entries] == [("day1", "dir"), ("same.mp4", "file")]
    assert after is None


def test_browsing_goes_on_after_the_last_name(lab: Settings) -> None:
    first, after = roots.browse(lab, "videos", "", limit=1)
    second, end = roots.browse(lab, "videos", "", limit=1, after=after)

    assert [entry.name for entry in first + second] == ["day1", "same.mp4"]
    assert end is None


def test_a_link_upwards_does_not_make_the_search_endless(lab: Settings) -> None:
    found = roots.find(roots.root_named(lab, "videos"), "", "*.MP4", recursive=True, limit=100)

    assert [entry.relative for entry in found] == ["day1/mouse.mp4", "same.mp4"]


def test_a_search_stops_at_its_limit(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02d}.mp4").touch()
    root = roots.root_named(Settings(roots=(tmp_path,)), roots.make_roots(Settings(roots=(tmp_path,))).popitem()[0])

    assert len(roots.find(root, "", "*.mp4", recursive=False, limit=7)) == 7


def test_two_roots_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name / "my videos" for name in "ab"]
    for folder in folders:
        folder.mkdir(parents=True)

    assert list(roots.make_roots(Settings(roots=tuple(folders)))) == ["my-videos", "my-videos-2"]
