"""What labelling costs, as people's saves tell it."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_core.tables import Model


def save(person: Any, place: Any, frame: UUID, version: int, **body: Any) -> None:
    path = f"{place.path}/frames/{frame}/labels"
    assert person.patch(path, {"changes": [], **body}, headers={"If-Match": f'"v{version}"'}).status_code == 200


def nose(place: Any) -> dict[str, Any]:
    ids = {"individual_id": str(place.individual), "keypoint_id": str(place.keypoints["nose"])}
    return {**ids, "x": 3.0, "y": 4.0, "state": "visible"}


def test_a_frame_costs_the_sum_of_its_saves_and_people_are_told_the_median(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    first, second, third = world.frame(place), world.frame(place), world.frame(place)
    save(ada, place, first, 0, changes=[nose(place)], effort={"seconds": 4, "clicks": 3})
    save(ada, place, first, 1, frame_state="submitted", effort={"seconds": 2, "clicks": 1})
    save(ada, place, second, 0, effort={"seconds": 10, "clicks": 8})
    save(ada, place, third, 0, effort={"seconds": 60, "clicks": 40})
    (row,) = ada.get(f"{place.path}/effort").json()["rows"]
    assert (row["user"], row["model"], row["frames"], row["points"]) == ("Ada", None, 3, 1)
    assert (row["seconds_per_frame"], row["clicks_per_frame"], row["total_seconds"]) == (10, 8, 76)
    assert (row["corrected_share"], row["correction_px"]) == (None, None)


def test_corrections_are_told_of_each_model(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    model = uuid4()
    world.add(Model(id=model, project_id=place.id, name="first", state="ready"))
    told = {"seconds": 3, "clicks": 2, "model_id": str(model), "confirmed": 3, "corrected": 1, "correction_px": 6.5}
    save(ada, place, world.frame(place), 0, effort=told)
    save(ada, place, world.frame(place), 0, effort={"seconds": 30, "clicks": 20})
    rows = {row["model_id"]: row for row in ada.get(f"{place.path}/effort").json()["rows"]}
    assert rows[str(model)]["corrected_share"] == 0.25
    assert rows[str(model)]["correction_px"] == 6.5
    assert rows[None]["seconds_per_frame"] == 30


def test_each_person_has_a_row_and_saves_that_tell_nothing_make_none(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    bob = world.member(place, "annotator")
    save(ada, place, world.frame(place), 0)
    save(bob, place, world.frame(place), 0, effort={"seconds": 5, "clicks": 1})
    rows = ada.get(f"{place.path}/effort").json()["rows"]
    assert [row["user_id"] for row in rows] == [str(bob.id)]


@pytest.mark.parametrize("wrong", [{"seconds": -1}, {"clicks": 1.5}, {"correction_px": "far"}, {"mood": "good"}])
def test_effort_that_makes_no_sense_is_refused(world: Any, wrong: dict[str, Any]) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{place.path}/frames/{world.frame(place)}/labels"
    assert ada.patch(path, {"changes": [], "effort": wrong}, headers={"If-Match": '"v0"'}).status_code == 422
