"""Videos in place: nothing is copied, nothing outside the roots is reached."""

import hashlib
import time

import pytest
from sqlalchemy import func, select

from tailbase_core.tables import Job, Recording, Video


@pytest.fixture
def films(tmp_path):
    """A root with two videos, one of them in a folder, beside a file that is not to be seen."""
    root = tmp_path / "films"
    (root / "day1").mkdir(parents=True)
    (root / "a.mp4").write_bytes(b"film a")
    (root / "day1" / "b.MP4").write_bytes(b"film bb")
    (root / "notes.txt").write_text("notes")
    (root / ".hidden.mp4").write_bytes(b"hidden")
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    (root / "out.mp4").symlink_to(tmp_path / "secret.mp4")
    (root / "up").symlink_to(tmp_path)
    (root / "in.mp4").symlink_to(root / "a.mp4")
    return root


@pytest.fixture
def settings(settings, films):
    return settings.model_copy(update={"roots": (films,)})


@pytest.fixture
def register(owner, place):
    def call(**body):
        return owner.post(f"{place.path}/videos/register", {"root": "films", **body})

    return call


def count(sessions, table):
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_roots_are_listed_by_name_and_not_by_place(owner):
    assert owner.get("/roots").json() == [{"name": "films"}]


def test_browsing_shows_folders_and_files_but_nothing_that_leads_out(owner):
    items = owner.get("/roots/films/browse").json()["items"]
    assert [(i["name"], i["kind"], i["size_bytes"]) for i in items] == [
        ("a.mp4", "file", 6),
        ("day1", "dir", None),
        ("in.mp4", "file", 6),
        ("notes.txt", "file", 5),
    ]
    assert [i["name"] for i in owner.get("/roots/films/browse?path=day1").json()["items"]] == ["b.MP4"]


def test_browsing_goes_on_where_a_page_ended(owner):
    first = owner.get("/roots/films/browse?limit=3").json()
    second = owner.get(f"/roots/films/browse?limit=3&cursor={first['next_cursor']}").json()
    assert [i["name"] for i in second["items"]] == ["notes.txt"]
    assert second["next_cursor"] is None


OUTSIDE = ["..", "../secret.mp4", "day1/../../secret.mp4", "/etc", "out.mp4", "up", "up/secret.mp4", "..\\secret.mp4"]


@pytest.mark.parametrize("path", [*OUTSIDE, "%2e%2e/secret.mp4", "no/such", "a.mp4%00"])
def test_no_path_leaves_the_root(owner, register, path, sessions):
    listed = owner.get("/roots/films/browse", params={"path": path})
    assert listed.status_code in (404, 422)
    assert "secret" not in str(listed.json().get("items"))
    assert register(paths=[path]).status_code in (404, 422)
    assert count(sessions, Video) == 0


def test_an_unknown_root_is_not_found(owner, place, refused):
    refused(owner.get("/roots/other/browse"), 404, "not_found")
    body = {"root": "other", "paths": ["a.mp4"]}
    refused(owner.post(f"{place.path}/videos/register", body), 404, "not_found")


def test_registering_copies_nothing_and_asks_the_worker_to_look(owner, place, register, sessions, settings):
    reply = register(paths=["a.mp4", "day1/b.MP4", "a.mp4"])
    assert reply.status_code == 202
    assert (reply.json()["registered"], reply.json()["skipped"], reply.json()["job"]["kind"]) == (2, 0, "ingest")
    videos = {v["name"]: v for v in owner.get(f"{place.path}/videos").json()["items"]}
    assert (videos["a.mp4"]["state"], videos["a.mp4"]["in_place"]) == ("processing", True)
    assert (videos["b.MP4"]["root"], videos["b.MP4"]["relative_path"]) == ("films", "day1/b.MP4")
    with sessions() as session:
        assert set(session.scalar(select(Job.spec))["video_ids"]) == {v["id"] for v in videos.values()}
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]


def test_what_is_registered_already_is_skipped(register, sessions):
    register(paths=["a.mp4"])
    again = register(paths=["a.mp4", "day1/b.MP4"]).json()
    assert (again["registered"], again["skipped"]) == (1, 1)
    last = register(paths=["a.mp4"]).json()
    assert (last["registered"], last["skipped"], last["job"]) == (0, 1, None)
    assert count(sessions, Video) == 2


def test_a_folder_registers_the_files_that_match(register):
    assert register(folder="").json()["registered"] == 2
    assert register(folder="", recursive=True).json() | {"job": None} == {"registered": 1, "skipped": 2, "job": None}


def test_a_folder_without_a_match_says_so(register, refused):
    refused(register(folder="day1", pattern="*.avi"), 422, "register.nothing")


def test_one_gives_paths_or_a_folder(register, refused):
    refused(register(), 422, "request.invalid")
    refused(register(paths=["a.mp4"], folder=""), 422, "request.invalid")


def test_one_bad_path_registers_nothing(register, sessions, refused):
    before = count(sessions, Recording)
    refused(register(paths=["a.mp4", "missing.mp4"]), 404, "not_found")
    assert (count(sessions, Video), count(sessions, Job), count(sessions, Recording)) == (0, 0, before)


def test_five_thousand_files_register_in_well_under_a_minute(owner, place, register, films, sessions):
    many = films / "many"
    many.mkdir()
    for number in range(5000):
        (many / f"s{number // 2}_{'top' if number % 2 else 'side'}.mp4").write_bytes(b"x")
    owner.patch(place.path, {"name_pattern": "{session}_{view}"})
    before, start = count(sessions, Recording), time.perf_counter()
    reply = register(folder="many")
    seconds = time.perf_counter() - start
    assert reply.json()["registered"] == 5000, reply.text
    assert seconds < 20
    assert (count(sessions, Job), count(sessions, Recording) - before) == (50, 2500)


def test_a_video_in_place_is_served_from_where_it_lies(owner, nobody, place, register, refused):
    register(paths=["day1/b.MP4"])
    id = owner.get(f"{place.path}/videos").json()["items"][0]["id"]
    url = owner.get(f"{place.path}/videos/{id}/source").json()["url"]
    reply = nobody.get(url, headers={"Range": "bytes=5-"})
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (206, b"bb", "video/mp4")
    refused(nobody.get(url.replace("b.MP4", "%2e%2e/a.mp4")), 403, "link.expired")
    refused(nobody.get(url.replace("day1/b.MP4", "a.mp4")), 403, "link.expired")


@pytest.fixture
def moved(owner, place, register, films, sessions):
    """A registered, read video whose file has moved into day2."""
    register(paths=["a.mp4"])
    with sessions.begin() as session:
        video = session.scalar(select(Video))
        video.state, video.sha256 = "ready", hashlib.sha256(b"film a").hexdigest()
    (films / "day2").mkdir()
    (films / "a.mp4").rename(films / "day2" / "renamed.mp4")
    return f"{place.path}/videos/{video.id}"


def test_a_moved_video_is_linked_again_by_its_checksum(owner, moved):
    video = owner.post(f"{moved}/relink", {"root": "films", "path": "day2/renamed.mp4"})
    assert video.status_code == 200, video.text
    assert video.json()["relative_path"] == "day2/renamed.mp4"


def test_another_file_is_not_taken_for_the_moved_one(owner, moved, films, refused):
    (films / "day2" / "renamed.mp4").write_bytes(b"film x")
    refused(owner.post(f"{moved}/relink", {"root": "films", "path": "day2/renamed.mp4"}), 409, "video.differs")
    refused(owner.post(f"{moved}/relink", {"root": "films", "path": "../secret.mp4"}), 422, "path.outside_root")


def test_an_uploaded_video_cannot_be_linked_to_a_file(owner, world, place, refused):
    path = f"{place.path}/videos/{world.video(place, blob_key='projects/p/videos/v/source')}/relink"
    refused(owner.post(path, {"root": "films", "path": "a.mp4"}), 409, "video.not_in_place")


def test_only_editors_register(world, place, refused):
    body = {"root": "films", "paths": ["a.mp4"]}
    refused(world.member(place, "reviewer").post(f"{place.path}/videos/register", body), 403, "auth.forbidden")
