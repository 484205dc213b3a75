"""Pre-labels over the API: what a frame shows of them, and what taking one over leaves behind."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_core.shares import in_share
from tailbase_core.tables import Model, Prelabel, PrelabelRound


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
