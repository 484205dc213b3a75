"""The skeleton: renames keep labels, removals hide them."""

from uuid import UUID

import pytest

from tailbase_core.tables import Recording, Video

KEYPOINTS = [
    {"name": "nose", "color": "#ff0000", "part": "head", "view": "top"},
    {"name": "paw_left", "partner": "paw_right"},
    {"name": "paw_right"},
]
SKELETON = {
    "keypoints": KEYPOINTS,
    "edges": [["nose", "paw_left"], ["paw_left", "nose"]],
    "views": [{"name": "top"}, {"name": "mirror", "mirrored": True}],
}


@pytest.fixture
def path(owner):
    return f"/projects/{owner.post('/projects', {'name': 'Mice', 'skeleton': SKELETON}).json()['id']}/skeleton"


def ids(skeleton):
    return {k["name"]: k["id"] for k in skeleton["keypoints"]}


def test_it_comes_back_as_it_was_given(owner, path):
    skeleton = owner.get(path).json()
    shown = [(k["name"], k["color"], k["part"], k["view"], k["partner"]) for k in skeleton["keypoints"]]
    assert shown == [
        ("nose", "#ff0000", "head", "top", None),
        ("paw_left", "#4477aa", None, None, "paw_right"),
        ("paw_right", "#4477aa", None, None, "paw_left"),
    ]
    assert skeleton["edges"] == [["nose", "paw_left"]]
    assert [(v["name"], v["mirrored"]) for v in skeleton["views"]] == [("top", False), ("mirror", True)]


def test_what_get_gives_put_takes_and_nothing_changes(owner, path):
    before = owner.get(path).json()
    views = [{"name": v["name"], "mirrored": v["mirrored"]} for v in before["views"]]
    reply = owner.put(path, {"keypoints": before["keypoints"], "edges": before["edges"], "views": views})
    assert reply.status_code == 200, reply.text
    assert reply.json() == before


def test_a_rename_by_id_keeps_the_id(owner, path):
    before = ids(owner.get(path).json())
    keypoints = [{"id": before["nose"], "name": "snout"}, {"name": "paw_left"}, {"name": "paw_right"}]
    after = ids(owner.put(path, {"keypoints": keypoints}).json())
    assert after == {"snout": before["nose"], "paw_left": before["paw_left"], "paw_right": before["paw_right"]}


def test_two_keypoints_may_swap_names(owner, path):
    before = ids(owner.get(path).json())
    swapped = [{"id": before["paw_left"], "name": "paw_right"}, {"id": before["paw_right"], "name": "paw_left"}]
    after = ids(owner.put(path, {"keypoints": swapped}).json())
    assert after == {"paw_right": before["paw_left"], "paw_left": before["paw_right"]}


def test_a_removed_keypoint_comes_back_with_its_id(owner, path):
    before = ids(owner.get(path).json())
    gone = owner.put(path, {"keypoints": [{"name": "paw_left"}, {"name": "paw_right"}]}).json()
    assert set(ids(gone)) == {"paw_left", "paw_right"}
    assert gone["edges"] == []
    back = ids(owner.put(path, {"keypoints": [*KEYPOINTS[1:], {"name": "nose"}]}).json())
    assert back == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"keypoints": [{"name": "a"}, {"name": "a"}]}, "occur twice"),
        ({"keypoints": [{"name": "a", "partner": "b"}]}, "no other keypoint"),
        ({"keypoints": [{"name": "a", "partner": "a"}]}, "no other keypoint"),
        (
            {"keypoints": [{"name": "a", "partner": "b"}, {"name": "b", "partner": "c"}, {"name": "c"}]},
            "another partner",
        ),
        ({"keypoints": [{"name": "a", "view": "side"}]}, "not among the views"),
        ({"keypoints": [{"name": "a"}], "edges": [["a", "b"]]}, "does not join two keypoints"),
        ({"keypoints": [{"name": "a", "color": "red"}]}, "pattern"),
        ({"keypoints": [{"name": "a\u202eb"}]}, "pattern"),
        ({"keypoints": [{"name": ""}]}, "at least 1 character"),
        ({"keypoints": [{"name": "a", "retired_at": None}]}, "not permitted"),
    ],
)
def test_a_skeleton_that_contradicts_itself_is_refused(owner, path, refused, change, words):
    assert words in refused(owner.put(path, change), 422, "request.invalid")["detail"]


def test_an_id_of_another_project_is_refused(owner, path, world, refused):
    other = world.project(owner)
    theirs = str(other.keypoints["nose"])
    refused(owner.put(path, {"keypoints": [{"id": theirs, "name": "nose"}]}), 422, "keypoint.unknown")


def test_a_view_that_videos_come_from_is_not_removed(owner, path, world, refused, sessions):

    project = UUID(path.split("/")[2])
    view = UUID(owner.get(path).json()["views"][0]["id"])
    with sessions.begin() as session:
        recording = Recording(project_id=project, name="r")
        session.add(recording)
        session.flush()
        session.add(Video(project_id=project, recording_id=recording.id, view_id=view, name="v", state="ready"))
    refused(owner.put(path, {"keypoints": [{"name": "nose"}]}), 409, "view.in_use")


def test_annotators_read_it_but_do_not_change_it(owner, world, place, refused):
    annotator = world.member(place, "annotator")
    assert annotator.get(f"{place.path}/skeleton").status_code == 200
    refused(annotator.put(f"{place.path}/skeleton", {"keypoints": []}), 403, "auth.forbidden")
