"""Predictions over the API: asking for them, what is skipped, where they lie."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_core.tables import Job, Model, Prediction

SKELETON = {"keypoints": [{"name": "nose"}, {"name": "tail"}]}


def predictions_of(place: Any) -> str:
    return f"{place.path}/predictions"


def add_model(world: Any, place: Any, **values: Any) -> UUID:
    ready = {"state": "ready", "artifact_key": "jobs/1/1/model", "name": "Fast 1", "skeleton": SKELETON}
    model = Model(id=uuid4(), project_id=place.id, **(ready | values))
    world.add(model)
    return model.id


def predict(person: Any, place: Any, model: UUID, *videos: UUID) -> Any:
    return person.post(predictions_of(place), {"model_id": str(model), "video_ids": list(map(str, videos))})


def set_state(world: Any, prediction: str, state: str) -> None:
    with world.sessions.begin() as session:
        session.get(Prediction, UUID(prediction)).state = state


def test_each_video_gets_a_prediction_and_a_job_that_names_it(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    model, videos = add_model(world, place), [world.video(place, f"{i}.mp4") for i in range(2)]
    reply = predict(ada, place, model, *videos)
    assert reply.status_code == 202
    made, jobs = reply.json()["predictions"], reply.json()["jobs"]
    assert {item["video"]["name"] for item in made} == {"0.mp4", "1.mp4"}
    assert {item["model"]["name"] for item in made} == {"Fast 1"}
    assert {(item["state"], item["block_url"]) for item in made} == {("queued", None)}
    assert {item["job_id"] for item in made} == {job["id"] for job in jobs}
    assert [job["priority"] for job in jobs] == [1, 1]
    with world.sessions() as session:
        specs = {session.get(Job, UUID(job["id"])).spec["prediction_id"] for job in jobs}
    assert specs == {item["id"] for item in made}


def test_a_single_video_does_not_wait_behind_a_batch(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    jobs = predict(ada, place, add_model(world, place), world.video(place)).json()["jobs"]
    assert [job["priority"] for job in jobs] == [0]


@pytest.mark.parametrize(
    ("state", "again"), [("queued", False), ("ready", False), ("failed", True), ("cancelled", True)]
)
def test_a_video_is_predicted_again_only_where_the_first_time_came_to_nothing(
    world: Any, state: str, again: bool
) -> None:
    ada = world.person()
    place = world.project(ada)
    model, video = add_model(world, place), world.video(place)
    first = predict(ada, place, model, video).json()["predictions"][0]
    set_state(world, first["id"], state)
    reply = predict(ada, place, model, video).json()
    assert [item["id"] for item in reply["predictions"]] == ([first["id"]] if again else [])
    assert len(reply["jobs"]) == int(again)
    assert reply["skipped"] == ([] if again else [str(video)])


def test_a_finished_prediction_says_where_its_files_lie_and_what_they_hold(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    values = {
        "block_key": "jobs/1/1/reach.f32",
        "parquet_key": "jobs/1/1/reach.parquet",
        "frame_count": 100,
        "summary": {"individuals": ["animal"]},
    }
    prediction = Prediction(
        id=uuid4(),
        project_id=place.id,
        model_id=add_model(world, place),
        video_id=world.video(place),
        state="ready",
        **values,
    )
    world.add(prediction)
    shown = ada.get(f"{predictions_of(place)}/{prediction.id}").json()
    assert (shown["frame_count"], shown["individuals"], shown["keypoints"]) == (100, ["animal"], ["nose", "tail"])
    assert "reach.f32" in shown["block_url"]
    assert "reach.parquet" in shown["parquet_url"]


def test_the_list_filters_by_video_and_model(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    models, videos = [add_model(world, place) for _ in range(2)], [world.video(place) for _ in range(2)]
    for model in models:
        predict(ada, place, model, *videos)
    path = predictions_of(place)
    assert len(ada.get(path).json()["items"]) == 4
    assert len(ada.get(f"{path}?video={videos[0]}").json()["items"]) == 2
    assert len(ada.get(f"{path}?video={videos[0]}&model={models[0]}").json()["items"]) == 1


def test_what_is_not_ready_cannot_be_used(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    training = predict(ada, place, add_model(world, place, state="training"), world.video(place))
    assert (training.status_code, training.json()["code"]) == (409, "model.not_ready")
    reading = predict(ada, place, add_model(world, place), world.video(place, state="processing"))
    assert (reading.status_code, reading.json()["code"]) == (409, "video.not_ready")


def test_models_and_videos_of_another_project_are_not_found(world: Any) -> None:
    ada = world.person()
    place, other = world.project(ada), world.project(ada)
    assert predict(ada, place, add_model(world, other), world.video(place)).status_code == 404
    assert predict(ada, place, add_model(world, place), world.video(other)).status_code == 404
    assert ada.get(f"{place.path}/jobs").json()["items"] == []


def test_deleting_cancels_the_job_and_makes_room_for_another(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    model, video = add_model(world, place), world.video(place)
    made = predict(ada, place, model, video).json()["predictions"][0]
    assert ada.delete(f"{predictions_of(place)}/{made['id']}").json() == {"bytes_freed": 0}
    assert ada.get(f"{place.path}/jobs/{made['job_id']}").json()["state"] == "cancelled"
    assert predict(ada, place, model, video).json()["skipped"] == []


def test_a_stranger_cannot_see_that_a_prediction_exists(world: Any) -> None:
    ada, stranger = world.person(), world.person()
    place = world.project(ada)
    made = predict(ada, place, add_model(world, place), world.video(place)).json()["predictions"][0]
    for where in (place, world.project(stranger)):
        assert stranger.get(f"{predictions_of(where)}/{made['id']}").status_code == 404
        assert stranger.delete(f"{predictions_of(where)}/{made['id']}").status_code == 404


def test_a_viewer_does_not_start_predictions(world: Any) -> None:
    place = world.project(world.person())
    viewer = world.member(place, "viewer")
    assert predict(viewer, place, add_model(world, place), world.video(place)).status_code == 403
