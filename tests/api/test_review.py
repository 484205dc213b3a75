"""Working together: handing out, returning, rating twice, progress and probable mistakes."""

import math
from typing import Any
from uuid import UUID

import pytest

from tailbase_core.tables import LabelSet


def labels_of(place: Any, frame: UUID, own: bool = False) -> str:
    return f"{place.path}/frames/{frame}/labels{'?own=true' if own else ''}"


def save(person: Any, place: Any, frame: UUID, x: float, *, own: bool = False, version: int = 0, **more: Any) -> Any:
    changes = [
        {"individual_id": str(place.individual), "keypoint_id": str(k), "x": x, "y": 5, "state": "visible"}
        for k in place.keypoints.values()
    ]
    headers = {"If-Match": f'"v{version}"'}
    return person.patch(labels_of(place, frame, own), {"changes": changes, **more}, headers=headers)


def test_a_reviewer_hands_out_the_most_useful_frames_that_nobody_has(world: Any) -> None:
    place = world.project(world.person())
    reviewer, annotator = world.member(place, "reviewer"), world.member(place, "annotator")
    frames = [world.frame(place, score=score) for score in (0.1, 0.9, None)]
    taken = world.frame(place, score=1.0, assignee_id=reviewer.id)
    body = {"assignee": str(annotator.id), "count": 2}
    assert reviewer.post(f"{place.path}/frames/assign", body).json() == {"assigned": 2}
    assignees = {f: reviewer.get(f"{place.path}/frames/{f}").json()["assignee"] for f in (*frames, taken)}
    assert assignees == {
        frames[0]: str(annotator.id), frames[1]: str(annotator.id), frames[2]: None, taken: str(reviewer.id)
    }  # fmt: skip
    assert annotator.post(f"{place.path}/frames/assign", body).status_code == 403


@pytest.mark.parametrize("wrong", [{}, {"count": 1, "frame_ids": ["00000000-0000-0000-0000-000000000001"]}])
def test_frames_to_hand_out_are_named_or_counted(world: Any, wrong: dict[str, Any]) -> None:
    ada = world.person()
    place = world.project(ada)
    assert ada.post(f"{place.path}/frames/assign", {"assignee": None, **wrong}).status_code == 422


def test_a_frame_goes_back_with_a_note_that_stays_until_it_is_accepted(world: Any) -> None:
    place = world.project(world.person())
    reviewer, annotator = world.member(place, "reviewer"), world.member(place, "annotator")
    path = f"{place.path}/frames/{world.frame(place, state='submitted')}"
    back = reviewer.patch(path, {"state": "draft", "note": "The left ear is the right one."}).json()
    assert (back["state"], back["note"]) == ("draft", "The left ear is the right one.")
    assert annotator.patch(path, {"note": "no"}).status_code == 403
    assert annotator.patch(path, {"state": "submitted"}).json()["note"] == "The left ear is the right one."
    assert reviewer.patch(path, {"state": "accepted"}).json()["note"] is None


def test_a_second_rater_labels_into_a_set_of_their_own(world: Any, refused: Any) -> None:
    place = world.project(world.person())
    first, second = world.member(place, "annotator"), world.member(place, "annotator")
    frame = world.frame(place, second_rater_id=second.id)
    assert save(first, place, frame, 10).status_code == 200
    assert save(second, place, frame, 13, own=True).json()["version"] == 1
    assert second.get(labels_of(place, frame, own=True)).json()["points"][0]["x"] == 13
    assert second.get(labels_of(place, frame)).json()["points"][0]["x"] == 10
    refused(save(first, place, frame, 1, own=True), 403, "auth.forbidden")
    refused(save(second, place, frame, 1, own=True, version=1, frame_state="submitted"), 422, "labels.own_state")
    stale = refused(save(second, place, frame, 14, own=True), 412, "labels.stale")
    assert stale["current"]["points"][0]["x"] == 13
    assert len(stale["changed_keys"]) == 2


def test_only_reviewers_look_at_a_second_raters_points(world: Any, refused: Any) -> None:
    place = world.project(world.person())
    first, second, reviewer = (world.member(place, role) for role in ("annotator", "annotator", "reviewer"))
    frame = world.frame(place, second_rater_id=second.id)
    other = world.frame(place)
    save(second, place, frame, 13, own=True)
    path = f"{labels_of(place, frame)}?rater={second.id}"
    assert [person.get(path).json()["points"][0]["x"] for person in (second, reviewer)] == [13, 13]
    refused(first.get(path), 403, "auth.forbidden")
    listed = [person.get(f"{place.path}/frames?second=true").json()["items"] for person in (first, second)]
    assert [[one["id"] for one in items] for items in listed] == [[], [str(frame)]]
    assert {one["id"] for one in second.get(f"{place.path}/frames").json()["items"]} == {str(frame), str(other)}


def test_what_two_people_differ_by_is_told_by_keypoint_and_frame(world: Any) -> None:
    place = world.project(ada := world.person())
    second = world.member(place, "annotator")
    for difference in (1, 3):
        frame = world.frame(place, second_rater_id=second.id)
        save(ada, place, frame, 10)
        save(second, place, frame, 10 + difference, own=True)
    save(ada, place, world.frame(place), 50)
    told = ada.get(f"{place.path}/raters").json()
    assert (told["mean_px"], told["median_px"], told["points"]) == (2, 2, 4)
    assert [(k["mean_px"], k["points"]) for k in told["keypoints"]] == [(2, 2), (2, 2)]
    assert [frame["mean_px"] for frame in told["frames"]] == [3, 1]


def test_progress_counts_what_each_member_was_given_and_has_done(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    ben = world.member(place, "annotator")
    frames = [world.frame(place, assignee_id=ben.id, state=state) for state in ("todo", "draft", "submitted")]
    world.frame(place, assignee_id=ben.id, state="draft", note="again", second_rater_id=ada.id)
    save(ben, place, frames[1], 3)
    rows = {row["user_id"]: row for row in ada.get(f"{place.path}/progress").json()}
    counts = {name: rows[str(ben.id)][name] for name in ("todo", "draft", "submitted", "returned", "labelled")}
    assert counts == {"todo": 1, "draft": 2, "submitted": 1, "returned": 1, "labelled": 1}
    assert (rows[str(ada.id)]["todo"], rows[str(ada.id)]["second"]) == (0, 1)


def test_exchanged_ears_are_listed_with_the_frame_to_open(world: Any) -> None:
    ada = world.person()
    place = world.project(ada, ("nose", "ear_left", "ear_right", "tail"))
    names = [{"name": "nose"}, {"name": "ear_left", "partner": "ear_right"}, {"name": "ear_right"}, {"name": "tail"}]
    assert ada.put(f"{place.path}/skeleton", {"keypoints": names, "edges": [["nose", "tail"]]}).status_code == 200
    for number in range(30):
        angle = 2 * math.pi * number / 30
        body = {"nose": (30, 0), "ear_left": (20, -8), "ear_right": (20, 8), "tail": (0, 0)}
        if number == 11:
            body["ear_left"], body["ear_right"] = body["ear_right"], body["ear_left"]
        points = {
            f"{place.individual}/{place.keypoints[name]}": {
                "x": 200 + x * math.cos(angle) - y * math.sin(angle),
                "y": 200 + x * math.sin(angle) + y * math.cos(angle),
                "state": "visible",
            }
            for name, (x, y) in body.items()
        }
        frame = world.frame(place, frame_index=number)
        world.add(LabelSet(project_id=place.id, frame_id=frame, version=1, points=points))
    told = ada.get(f"{place.path}/label-checks").json()
    assert told["checked"] == 30
    assert [(item["frame_index"], item["kind"]) for item in told["items"]] == [(11, "swap")]
    assert set(told["items"][0]["keypoint_ids"]) == {str(place.keypoints[n]) for n in ("ear_left", "ear_right")}
