"""Recordings and the patterns that sort files into them."""

import pytest


def test_a_recording_is_made_changed_and_cleared(owner, place):
    path = f"{place.path}/recordings"
    made = owner.post(path, {"name": "day 1", "animal": "m1", "fields": {"lab": "east"}})
    assert made.status_code == 201
    recording = f"{path}/{made.json()['id']}"
    changed = owner.patch(recording, {"animal": None, "rig": "box", "fields": {"lab": "west"}}).json()
    assert (changed["animal"], changed["rig"], changed["fields"]) == (None, "box", {"lab": "west"})
    assert owner.get(recording).json() == {**changed, "videos": 0, "calibration": None}


def test_a_list_counts_the_videos_of_each(owner, world, place):
    world.video(place)
    world.video(place)
    assert [(r["name"], r["videos"]) for r in owner.get(f"{place.path}/recordings").json()["items"]] == [("monday", 2)]


def test_a_recording_needs_a_name(owner, place, refused):
    path = f"{place.path}/recordings/{place.recording}"
    refused(owner.patch(path, {"name": None}), 422, "recording.name")
    refused(owner.post(f"{place.path}/recordings", {"name": " "}), 422, "request.invalid")


def test_the_preview_shows_what_a_pattern_reads_from_names(owner, place):
    body = {"pattern": "{session}_{animal}_{view}", "names": ["s1_m2_top.mp4", "odd.mp4"]}
    assert owner.post(f"{place.path}/recordings/preview-pattern", body).json() == [
        {"name": "s1_m2_top.mp4", "fields": {"session": "s1", "animal": "m2", "view": "top"}},
        {"name": "odd.mp4", "fields": None},
    ]


@pytest.fixture
def uploaded(owner, place):
    """Uploads names and returns what became of them."""

    def upload(*names):
        for name in names:
            body = {"filename": name, "size_bytes": 10}
            assert owner.post(f"{place.path}/uploads", body).status_code == 201
        items = owner.get(f"{place.path}/videos").json()["items"]
        return {item["name"]: item for item in items}

    return upload


def test_videos_that_differ_in_the_view_alone_are_one_recording(owner, place, uploaded):
    owner.patch(place.path, {"name_pattern": "{session}_{animal}_{view}"})
    videos = uploaded("s1_m1_top.mp4", "s1_m1_side.mp4", "s1_m2_top.mp4")
    top, side, other = (videos[f"{n}.mp4"] for n in ("s1_m1_top", "s1_m1_side", "s1_m2_top"))
    assert top["recording"]["id"] == side["recording"]["id"] != other["recording"]["id"]
    assert (top["view"], side["view"]) == ("top", "side")
    assert (top["recording"]["name"], top["recording"]["animal"]) == ("s1_m1", "m1")
    assert [v["name"] for v in owner.get(f"{place.path}/skeleton").json()["views"]] == ["top", "side"]


def test_without_a_view_in_the_pattern_each_video_is_a_recording_of_its_own(owner, place, uploaded):
    first = uploaded("cam.mp4")["cam.mp4"]["recording"]["id"]
    uploaded("cam.mp4")
    ids = {v["recording"]["id"] for v in owner.get(f"{place.path}/videos").json()["items"]}
    assert len(ids) == 2
    assert first in ids


def test_a_name_the_pattern_does_not_fit_names_the_recording(owner, place, uploaded):
    owner.patch(place.path, {"name_pattern": "{session}_{view}"})
    recording = uploaded("odd.mp4")["odd.mp4"]["recording"]
    assert (recording["name"], recording["session"], recording["fields"]) == ("odd", None, {})


def test_other_fields_of_the_pattern_are_kept_too(owner, place, uploaded):
    owner.patch(place.path, {"name_pattern": "{session}-{drug}"})
    assert uploaded("s1-saline.mp4")["s1-saline.mp4"]["recording"]["fields"] == {"drug": "saline"}
