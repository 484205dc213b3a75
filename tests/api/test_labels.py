"""Reading and saving labels over the API."""

from typing import Any
from uuid import UUID, uuid4

import pytest


def change(
    place: Any, keypoint: str, x: float | None, y: float | None, state: str | None = "visible"
) -> dict[str, Any]:
    ids = {"individual_id": str(place.individual), "keypoint_id": str(place.keypoints[keypoint])}
    return {**ids, "x": x, "y": y, "state": state, "model_id": None}


def labels(place: Any, frame: UUID) -> str:
    return f"{place.path}/frames/{frame}/labels"


def save(person: Any, place: Any, frame: UUID, version: int, *changes: dict[str, Any], **more: Any) -> Any:
    headers = {"If-Match": f'"v{version}"'}
    return person.patch(labels(place, frame), {"changes": list(changes), **more}, headers=headers)


def test_a_frame_nobody_labelled_has_version_zero_and_no_points(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    reply = ada.get(labels(place, frame := world.frame(place)))
    assert reply.status_code == 200
    assert reply.headers["etag"] == '"v0"'
    assert reply.json() == {"frame_id": str(frame), "version": 0, "points": []}


def test_saved_points_come_back_exactly_with_the_next_version(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    points = [change(place, "nose", 12.25, 7.0625), change(place, "tail", None, None, "absent")]
    reply = save(ada, place, frame, 0, *points)
    assert reply.status_code == 200
    assert reply.headers["etag"] == '"v1"'
    read = ada.get(labels(place, frame)).json()
    assert read == reply.json()
    assert sorted(read["points"], key=str) == sorted(points, key=str)


def test_points_that_are_not_named_stay_and_null_takes_one_back(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    save(ada, place, frame, 0, change(place, "nose", 1, 1), change(place, "tail", 2, 2))
    reply = save(ada, place, frame, 1, change(place, "tail", None, None, None))
    assert [point["keypoint_id"] for point in reply.json()["points"]] == [str(place.keypoints["nose"])]


def test_saving_without_a_version_is_refused_with_428(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    reply = ada.patch(labels(place, world.frame(place)), {"changes": [change(place, "nose", 1, 1)]})
    assert reply.status_code == 428
    assert reply.json()["code"] == "precondition.required"


def test_a_stale_version_is_answered_with_the_present_points_and_the_keys_changed_since(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    save(ada, place, frame, 0, change(place, "nose", 1, 1))
    save(ada, place, frame, 1, change(place, "tail", 2, 2))
    reply = save(ada, place, frame, 1, change(place, "nose", 9, 9))
    assert reply.status_code == 412
    problem = reply.json()
    assert problem["code"] == "labels.stale"
    assert problem["current"]["version"] == 2
    assert len(problem["current"]["points"]) == 2
    assert problem["changed_keys"] == [f"{place.individual}/{place.keypoints['tail']}"]
    assert ada.get(labels(place, frame)).json()["version"] == 2


def test_a_version_that_was_never_given_is_stale(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    assert save(ada, place, world.frame(place), 7, change(place, "nose", 1, 1)).status_code == 412


@pytest.mark.parametrize("tag", ["v1", '"1"', "*", '"v1", "v2"', '"v-1"'])
def test_an_if_match_that_is_not_one_of_our_tags_is_invalid(world: Any, tag: str) -> None:
    ada = world.person()
    place = world.project(ada)
    reply = ada.patch(labels(place, world.frame(place)), {"changes": []}, headers={"If-Match": tag})
    assert (reply.status_code, reply.json()["code"]) == (422, "labels.bad_version")


@pytest.mark.parametrize("noun", ["keypoint", "individual"])
def test_ids_of_another_project_are_not_found(world: Any, noun: str) -> None:
    ada = world.person()
    place, other = world.project(ada), world.project(ada)
    wrong = change(place, "nose", 1, 1)
    wrong[f"{noun}_id"] = str(other.keypoints["nose"] if noun == "keypoint" else other.individual)
    frame = world.frame(place)
    reply = save(ada, place, frame, 0, wrong)
    assert reply.status_code == 404
    assert noun in reply.json()["detail"]
    assert ada.get(labels(place, frame)).json()["version"] == 0


@pytest.mark.parametrize(("x", "y"), [(1281, 5), (-641, 5), (5, 961), (5, -481), (1e300, 0)])
def test_a_point_further_out_than_the_size_of_the_image_is_refused(world: Any, x: float, y: float) -> None:
    ada = world.person()
    place = world.project(ada)
    reply = save(ada, place, world.frame(place), 0, change(place, "nose", x, y))
    assert (reply.status_code, reply.json()["code"]) == (422, "labels.out_of_bounds")


def test_a_point_just_outside_the_image_is_kept(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    assert save(ada, place, world.frame(place), 0, change(place, "nose", -10, 500)).status_code == 200


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e309", '"5"', "true"])
def test_coordinates_that_are_no_finite_numbers_are_refused(world: Any, number: str) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    ids = f'"individual_id": "{place.individual}", "keypoint_id": "{place.keypoints["nose"]}"'
    body = f'{{"changes": [{{{ids}, "x": {number}, "y": 1, "state": "visible"}}]}}'
    headers = {"If-Match": '"v0"', "Content-Type": "application/json"}
    reply = ada.request("PATCH", labels(place, frame), content=body, headers=headers)
    assert reply.status_code == 422
    assert ada.get(labels(place, frame)).json()["version"] == 0


@pytest.mark.parametrize(
    ("x", "y", "state"),
    [(None, None, "visible"), (1, None, "occluded"), (1, 1, "absent"), (1, 1, None), (1, 1, "seen")],
)
def test_a_position_that_does_not_fit_the_state_is_refused(world: Any, x: Any, y: Any, state: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    assert save(ada, place, world.frame(place), 0, change(place, "nose", x, y, state)).status_code == 422


def test_one_point_twice_in_a_save_is_refused(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    twice = [change(place, "nose", 1, 1), change(place, "nose", 2, 2)]
    assert save(ada, place, world.frame(place), 0, *twice).status_code == 422


def test_the_first_save_makes_a_draft_and_a_later_one_can_submit(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    save(ada, place, frame, 0, change(place, "nose", 1, 1))
    assert ada.get(f"{place.path}/frames/{frame}").json()["state"] == "draft"
    save(ada, place, frame, 1, change(place, "tail", 1, 1), frame_state="submitted")
    assert ada.get(f"{place.path}/frames/{frame}").json()["state"] == "submitted"


def test_an_annotator_neither_accepts_nor_changes_what_was_accepted(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    annotator = world.member(place, "annotator")
    frame = world.frame(place)
    assert save(annotator, place, frame, 0, change(place, "nose", 1, 1), frame_state="accepted").status_code == 403
    assert ada.get(labels(place, frame)).json()["version"] == 0
    assert save(world.member(place, "reviewer"), place, frame, 0, frame_state="accepted").status_code == 200
    reply = save(annotator, place, frame, 1, change(place, "nose", 1, 1))
    assert (reply.status_code, reply.json()["code"]) == (409, "frame.accepted")


def test_a_viewer_reads_but_does_not_save(world: Any) -> None:
    place = world.project(world.person())
    viewer = world.member(place, "viewer")
    frame = world.frame(place)
    assert viewer.get(labels(place, frame)).status_code == 200
    assert save(viewer, place, frame, 0, change(place, "nose", 1, 1)).status_code == 403


def test_a_stranger_cannot_see_that_a_frame_exists(world: Any) -> None:
    place = world.project(world.person())
    stranger = world.person()
    frame = world.frame(place)
    replies = [stranger.get(labels(place, frame)), stranger.get(labels(place, uuid4()))]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert len({reply.json()["detail"] for reply in replies}) == 1
    own = world.project(stranger)
    assert stranger.get(labels(own, frame)).status_code == 404


def test_the_history_tells_who_changed_what_latest_first(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    save(ada, place, frame, 0, change(place, "nose", 1, 1), effort={"seconds": 3.5, "clicks": 2})
    save(ada, place, frame, 1, change(place, "nose", None, None, None))
    first = ada.get(f"{labels(place, frame)}/history?limit=1").json()
    assert [entry["version"] for entry in first["items"]] == [2]
    assert first["items"][0]["user"] == "Ada"
    assert first["items"][0]["changes"] == [change(place, "nose", None, None, None)]
    second = ada.get(f"{labels(place, frame)}/history?limit=1&cursor={first['next_cursor']}").json()
    assert second["items"][0]["changes"] == [change(place, "nose", 1, 1)]
    assert second["next_cursor"] is None


def test_an_earlier_version_can_be_read_as_it_stood(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place)
    save(ada, place, frame, 0, change(place, "nose", 1, 1), change(place, "tail", 2, 2))
    save(ada, place, frame, 1, change(place, "nose", 9, 9), change(place, "tail", None, None, None))
    read = ada.get(f"{labels(place, frame)}/history/1").json()
    assert (read["version"], {point["x"] for point in read["points"]}) == (1, {1, 2})
    assert {point["x"] for point in ada.get(f"{labels(place, frame)}/history/2").json()["points"]} == {9}
    assert ada.get(f"{labels(place, frame)}/history/3").status_code == 404


def test_members_cannot_set_what_the_server_decides(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    assert save(ada, place, world.frame(place), 0, updated_at=None).status_code == 422
