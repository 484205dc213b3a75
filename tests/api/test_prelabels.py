"""Pre-labels over the API: what a frame shows of them, and what taking one over leaves behind."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tailbase_core.shares import in_share
from tailbase_core.tables import Job, LabelSet, Model, Prelabel, PrelabelRound


def frame_id(*, blind: bool) -> UUID:
    return next(found for _ in range(10_000) if in_share(found := uuid4(), 0.05) == blind)


def a_round(world: Any, place: Any, number: int = 1, **values: Any) -> UUID:
    model = Model(id=uuid4(), project_id=place.id, name=f"Pre-labels {number}", state="ready")
    world.add(model)
    usual = {"labels": 10, "ready_at": "2026-11-20T12:00:00Z"}
    world.add(PrelabelRound(project_id=place.id, number=number, model_id=model.id, **(usual | values)))
    return model.id


def prelabel(world: Any, place: Any, frame: UUID, model: UUID, x: float = 5.0, benefit: float = 0.5) -> None:
    points = {f"{place.individual}/{k}": {"x": x, "y": 6.0, "likelihood": 0.9} for k in place.keypoints.values()}
    world.add(Prelabel(project_id=place.id, frame_id=frame, model_id=model, points=points, benefit=benefit))


def test_a_frame_shows_the_points_of_the_latest_round_that_is_ready(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place, id=frame_id(blind=False))
    old, latest = a_round(world, place, 1), a_round(world, place, 2)
    under_way = a_round(world, place, 3, ready_at=None)
    for model, x in ((old, 1.0), (latest, 2.0), (under_way, 3.0)):
        prelabel(world, place, frame, model, x)
    shown = ada.get(f"{place.path}/frames/{frame}").json()["prelabel"]
    assert shown["model_id"] == str(latest)
    assert {(point["x"], point["likelihood"]) for point in shown["points"]} == {(2.0, 0.9)}
    assert {point["keypoint_id"] for point in shown["points"]} == {str(k) for k in place.keypoints.values()}


def test_a_blind_frame_shows_no_prelabel(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place, id=frame_id(blind=True))
    prelabel(world, place, frame, a_round(world, place))
    assert ada.get(f"{place.path}/frames/{frame}").json()["prelabel"] is None


def test_a_point_that_was_taken_over_names_the_model_it_is_of(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame, model = world.frame(place), a_round(world, place)
    change = {"individual_id": str(place.individual), "x": 5, "y": 6, "state": "visible"}
    nose, tail = (change | {"keypoint_id": str(place.keypoints[name])} for name in ("nose", "tail"))
    path = f"{place.path}/frames/{frame}/labels"
    changes = [nose | {"model_id": str(model)}, tail]
    saved = ada.patch(path, {"changes": changes}, headers={"If-Match": '"v0"'}).json()
    assert {p["keypoint_id"]: p["model_id"] for p in saved["points"]} == {
        nose["keypoint_id"]: str(model),
        tail["keypoint_id"]: None,
    }
    moved = ada.patch(path, {"changes": [nose | {"x": 9}]}, headers={"If-Match": '"v1"'}).json()
    assert [point["model_id"] for point in moved["points"]] == [None, None]


@pytest.mark.parametrize("of_another_project", [True, False])
def test_a_model_that_is_not_the_projects_cannot_be_named(world: Any, of_another_project: bool) -> None:
    ada = world.person()
    place, other = world.project(ada), world.project(ada)
    model = a_round(world, other) if of_another_project else uuid4()
    keypoint = place.keypoints["nose"]
    point = {"individual_id": str(place.individual), "keypoint_id": str(keypoint), "x": 5, "y": 6, "state": "visible"}
    path = f"{place.path}/frames/{world.frame(place)}/labels"
    reply = ada.patch(path, {"changes": [point | {"model_id": str(model)}]}, headers={"If-Match": '"v0"'})
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


def finished_frames(world: Any, place: Any, count: int, *, blind: bool = False, x: float = 5.0) -> list[UUID]:
    made = [world.frame(place, id=frame_id(blind=blind), state="submitted") for _ in range(count)]
    for frame in made:
        points = {f"{place.individual}/{k}": {"x": x, "y": 6.0, "state": "visible"} for k in place.keypoints.values()}
        world.add(LabelSet(project_id=place.id, frame_id=frame, version=1, points=points))
    return made


def finish_one_more(person: Any, world: Any, place: Any) -> None:
    change = {"individual_id": str(place.individual), "keypoint_id": str(place.keypoints["nose"]), "x": 1, "y": 2}
    body = {"changes": [change | {"state": "visible"}], "frame_state": "submitted"}
    path = f"{place.path}/frames/{world.frame(place)}/labels"
    assert person.patch(path, body, headers={"If-Match": '"v0"'}).status_code == 200


def trainings(world: Any, place: Any) -> list[Job]:
    with world.sessions() as session:
        found = session.scalars(select(Job).where(Job.project_id == place.id, Job.kind == "train"))
        return list(found.all())


def test_the_tenth_finished_frame_begins_a_round_by_itself_and_the_eleventh_none(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    finished_frames(world, place, 8)
    finish_one_more(ada, world, place)
    assert trainings(world, place) == []
    finish_one_more(ada, world, place)
    finish_one_more(ada, world, place)
    (job,) = trainings(world, place)
    assert (job.priority, job.spec["round"]) == (0, 1)
    shown = ada.get(f"{place.path}/prelabels").json()
    assert (shown["labels"], shown["next_at"]) == (11, 15)
    assert [(r["number"], r["state"], r["labels"]) for r in shown["rounds"]] == [(1, "training", 10)]


def test_a_later_round_begins_with_the_weights_of_the_one_before_and_takes_less_time(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    earlier = a_round(world, place, 1)
    finished_frames(world, place, 14)
    finish_one_more(ada, world, place)
    (job,) = trainings(world, place)
    with world.sessions() as session:
        model = session.get_one(Model, UUID(job.spec["model_id"]))
    assert (model.parent_id, model.name) == (earlier, "Pre-labels, round 2")
    cold = next(p for p in ada.get(f"{place.path}/presets").json() if p["name"] == "fast")
    assert model.spec["epochs"] < 0.5 * cold["spec"]["epochs"]


@pytest.mark.parametrize("wished", [{"on": False}, {"on": True, "after": 50}])
def test_a_project_may_want_no_rounds_or_later_ones(world: Any, wished: dict[str, Any]) -> None:
    ada = world.person()
    place = world.project(ada)
    finished_frames(world, place, 20)
    shown = ada.put(f"{place.path}/prelabels/settings", wished).json()
    assert shown["next_at"] == (50 if wished["on"] else None)
    finish_one_more(ada, world, place)
    assert trainings(world, place) == []


def test_labels_of_several_animals_are_saved_and_begin_no_round(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frames = finished_frames(world, place, 12)
    other = ada.post(f"{place.path}/individuals", {"name": "other"}).json()["id"]
    with world.sessions.begin() as session:
        row = session.scalar(select(LabelSet).where(LabelSet.frame_id == frames[0]))
        row.points = {f"{other}/{place.keypoints['nose']}": {"x": 1.0, "y": 1.0, "state": "visible"}}
    finish_one_more(ada, world, place)
    assert trainings(world, place) == []


def test_frames_come_in_the_order_of_their_benefit_and_pages_stay_in_one_ranking(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frames = [world.frame(place) for _ in range(5)]
    model = a_round(world, place)
    for number, benefit in ((2, 0.9), (0, 0.7), (4, 0.2)):
        prelabel(world, place, frames[number], model, benefit=benefit)
    path = f"{place.path}/frames?order=benefit&limit=2"
    first = ada.get(path).json()
    later = a_round(world, place, 2)
    prelabel(world, place, frames[1], later, benefit=1.0)
    second = ada.get(f"{path}&cursor={first['next_cursor']}").json()
    third = ada.get(f"{path}&cursor={second['next_cursor']}").json()
    listed = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert listed[:3] == [str(frames[number]) for number in (2, 0, 4)]
    assert sorted(listed) == sorted(str(frame) for frame in frames)
    assert ada.get(path).json()["items"][0]["id"] == str(frames[1])


def test_skipped_frames_are_the_end_of_the_queue(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    skipped, seen, unseen = world.frame(place, skipped="It is blurred."), world.frame(place), world.frame(place)
    model = a_round(world, place)
    for frame, benefit in ((skipped, 0.9), (seen, 0.1)):
        prelabel(world, place, frame, model, benefit=benefit)
    listed = ada.get(f"{place.path}/frames?order=benefit").json()["items"]
    assert [one["id"] for one in listed] == [str(frame) for frame in (seen, unseen, skipped)]


def test_without_a_round_the_order_of_benefit_is_that_of_age(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frames = [str(world.frame(place)) for _ in range(3)]
    first = ada.get(f"{place.path}/frames?order=benefit&limit=2").json()
    rest = ada.get(f"{place.path}/frames?order=benefit&limit=2&cursor={first['next_cursor']}").json()
    assert [item["id"] for item in first["items"] + rest["items"]] == frames


def test_accepting_takes_over_what_nobody_has_said_and_the_network_is_sure_of(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame, model = world.frame(place, id=frame_id(blind=False)), a_round(world, place)
    nose, tail = (f"{place.individual}/{place.keypoints[name]}" for name in ("nose", "tail"))
    points = {nose: {"x": 1.0, "y": 2.0, "likelihood": 0.9}, tail: {"x": 3.0, "y": 4.0, "likelihood": 0.3}}
    world.add(Prelabel(project_id=place.id, frame_id=frame, model_id=model, points=points))
    path = f"{place.path}/frames/{frame}/labels"
    reply = ada.post(f"{path}/accept", {"at_least": 0.5}, headers={"If-Match": '"v0"'})
    assert reply.headers["etag"] == '"v1"'
    (point,) = reply.json()["points"]
    assert (point["keypoint_id"], point["x"], point["model_id"]) == (nose.split("/")[1], 1.0, str(model))
    every = ada.post(f"{path}/accept", {"frame_state": "submitted"}, headers={"If-Match": '"v1"'}).json()
    assert len(every["points"]) == 2
    assert ada.get(f"{place.path}/frames/{frame}").json()["state"] == "submitted"


def test_a_blind_frame_has_nothing_to_accept(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place, id=frame_id(blind=True))
    prelabel(world, place, frame, a_round(world, place))
    path = f"{place.path}/frames/{frame}/labels/accept"
    refused(ada.post(path, {}, headers={"If-Match": '"v0"'}), 409, "prelabel.none")


def test_measured_rounds_make_a_curve_and_from_the_third_on_a_forecast(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    for number, (labels, error) in enumerate(((10, 8.0), (20, 5.5)), start=1):
        a_round(world, place, number, labels=labels, error_px=error, held_out=labels // 5)
    shown = ada.get(f"{place.path}/prelabels").json()
    assert (shown["forecast"], shown["rounds_needed"]) == (None, 1)
    a_round(world, place, 3, labels=40, error_px=4.1, held_out=8)
    forecast = ada.get(f"{place.path}/prelabels").json()["forecast"]
    assert forecast["low_px"] < forecast["then_px"] < forecast["now_px"]
    assert forecast["then_px"] < forecast["high_px"]


def test_points_taken_over_are_compared_with_points_placed_blind(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    model = a_round(world, place)
    for blind, x in ((False, 5.0), (True, 8.0)):
        for frame in finished_frames(world, place, 6, blind=blind, x=x):
            prelabel(world, place, frame, model, x=5.0)
    shown = ada.get(f"{place.path}/prelabels").json()["assistance"]
    assert (shown["assisted_frames"], shown["blind_frames"]) == (6, 6)
    assert (shown["assisted_px"], shown["blind_px"], shown["pull_px"]) == (0, 3, 3)
    assert (shown["human_px"], shown["warning"]) == (None, False)
