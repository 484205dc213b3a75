"""Models over the API: presets, training, curves, files."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_api.models import queries
from tailbase_api.models.field_words import WORDS
from tailbase_core.tables import Individual, Job, JobEvent, Keypoint, LabelSet, Model, Prediction

READY = {"state": "ready", "artifact_key": "jobs/1/1/model", "sha256": "a" * 64, "size_bytes": 100}


def models_of(place: Any) -> str:
    return f"{place.path}/models"


def label(world: Any, place: Any, individual: UUID | None = None, **point: Any) -> UUID:
    frame = world.frame(place, state="draft")
    key = f"{individual or place.individual}/{place.keypoints['nose']}"
    points = {key: {"x": 1.0, "y": 2.0, "state": "visible"} | point}
    world.add(LabelSet(project_id=place.id, frame_id=frame, rater_id=None, version=1, points=points))
    return frame


def add_model(world: Any, place: Any, **values: Any) -> UUID:
    model = Model(id=uuid4(), project_id=place.id, label_summary={"frames": 1, "points": 1}, **({"name": "M"} | values))
    world.add(model)
    return model.id


def test_presets_come_with_titles_and_whole_specs(world: Any) -> None:
    ada = world.person()
    presets = ada.get(f"{world.project(ada).path}/presets").json()
    assert [preset["name"] for preset in presets] == ["fast", "standard", "semi_supervised", "context"]
    assert [preset["name"] for preset in presets if preset["recommended"]] == ["fast"]
    assert [preset["needs_video"] for preset in presets] == [False, False, True, True]
    assert all(preset["minutes"] >= 1 for preset in presets)
    assert all(preset["title"] and preset["description"] and preset["spec"]["epochs"] for preset in presets)


def test_training_makes_a_queued_model_and_a_batch_job_that_names_it(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    changes = {"epochs": 3, "split": {"test": 0.2}}
    reply = ada.post(models_of(place), {"name": "First", "preset": "fast", "spec": changes})
    assert reply.status_code == 202
    model, job = reply.json()["model"], reply.json()["job"]
    assert (model["name"], model["preset"], model["state"]) == ("First", "fast", "queued")
    assert (model["spec"]["epochs"], model["spec"]["split"]["test"]) == (3, 0.2)
    assert model["spec"]["split"]["validation"] == 0.1
    assert model["label_summary"] == {"frames": 1, "points": 1, "videos": []}
    assert (job["kind"], job["priority"], job["id"]) == ("train", 1, model["job_id"])
    with world.sessions() as session:
        assert session.get(Job, UUID(job["id"])).spec == {"model_id": model["id"]}
        skeleton = session.get(Model, UUID(model["id"])).skeleton
    assert [keypoint["name"] for keypoint in skeleton["keypoints"]] == ["nose", "tail"]


def test_losses_on_unlabelled_video_note_the_videos_that_are_ready(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    losses = {"preset": "fast", "spec": {"losses": {"temporal": 0.1}}}
    assert refused(world, ada, place, losses, "videos.none")["field"] == "spec.losses"
    ready = world.video(place, "ready.mp4")
    world.video(place, "coming.mp4", state="processing")
    model = ada.post(models_of(place), losses).json()["model"]
    assert model["label_summary"]["videos"] == [{"id": str(ready), "name": "ready.mp4"}]
    assert model["spec"]["losses"]["temporal"] == 0.1


def test_models_without_a_name_are_numbered(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    names = [ada.post(models_of(place), {"preset": "fast"}).json()["model"]["name"] for _ in range(2)]
    assert names == ["Fast 1", "Fast 2"]


def refused(world: Any, person: Any, place: Any, body: dict[str, Any], code: str) -> dict[str, Any]:
    """The problem; nothing must have been made."""
    reply = person.post(models_of(place), body)
    assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert person.get(models_of(place)).json()["items"] == []
    assert person.get(f"{place.path}/jobs").json()["items"] == []
    problem: dict[str, Any] = reply.json()
    return problem


def test_training_without_labels_is_refused(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place, x=None, y=None, state="absent")
    refused(world, ada, place, {}, "labels.none")


def test_labels_of_recordings_out_of_domain_do_not_count(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    fields = {"fields": {"domain": "ood"}}
    assert ada.patch(f"{place.path}/recordings/{place.recording}", fields).status_code == 200
    refused(world, ada, place, {}, "labels.none")


def test_labels_of_deleted_frames_and_retired_keypoints_do_not_count(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    ada.delete(f"{place.path}/frames/{label(world, place)}")
    label(world, place)
    with world.sessions.begin() as session:
        session.get(Keypoint, place.keypoints["nose"]).retired_at = datetime.now(UTC)
    refused(world, ada, place, {}, "labels.none")


def label_two_animals(world: Any, place: Any) -> None:
    other = Individual(id=uuid4(), project_id=place.id, name="second")
    world.add(other)
    label(world, place)
    label(world, place, other.id)


def test_labels_of_several_animals_are_refused_and_never_reduced(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label_two_animals(world, place)
    problem = refused(world, ada, place, {}, "labels.several_animals")
    assert "2 animals" in problem["detail"]
    assert problem["field"] == "spec.individuals"


def test_labels_of_several_animals_are_trained_as_separate_sets_where_that_is_chosen(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label_two_animals(world, place)
    assert {preset["animals"] for preset in ada.get(f"{place.path}/presets").json()} == {2}
    reply = ada.post(models_of(place), {"preset": "fast", "spec": {"individuals": "separate"}})
    assert reply.status_code == 202
    assert reply.json()["model"]["spec"]["individuals"] == "separate"


def test_what_networks_see_of_an_image_and_how_much_of_it_an_animal_fills_follow_crops(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    with world.sessions() as session:
        assert queries.seen(session, place.id) == (None, None)
    cropped = world.video(place, crop={"x": 0, "y": 0, "width": 100, "height": 50})
    nose, tail = (f"{place.individual}/{place.keypoints[name]}" for name in ("nose", "tail"))
    points = {nose: {"x": 10, "y": 20, "state": "visible"}, tail: {"x": 30, "y": 25, "state": "visible"}}
    for video in (cropped, cropped):
        frame = world.frame(place, state="draft", video_id=video)
        world.add(LabelSet(project_id=place.id, frame_id=frame, rater_id=None, version=1, points=points))
    with world.sessions() as session:
        assert queries.seen(session, place.id) == (2.0, 0.2)
        assert queries.labelled(session, place.id).longest_side == 100


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"preset": "huge"}, "preset.unknown"),
        ({"spec": {"batch_size": 10**9}}, "spec.invalid"),
        ({"spec": {"epochs": 10**6}}, "spec.invalid"),
        ({"spec": {"backbone": "os system"}}, "spec.invalid"),
        ({"spec": {"image_height": 100_000}}, "spec.invalid"),
        ({"spec": {"surprise": 1}}, "spec.invalid"),
        ({"spec": {"split": {"method": "magic"}}}, "spec.invalid"),
        ({"spec": {"weights": "/etc/passwd"}}, "weights.not_a_name"),
        ({"spec": {"weights": "../secret.safetensors"}}, "weights.not_a_name"),
        ({"state": "ready"}, "request.invalid"),
    ],
)
def test_a_spec_that_cannot_be_trained_is_refused(world: Any, body: dict[str, Any], code: str) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    refused(world, ada, place, body, code)


def test_the_curve_has_each_epoch_once_as_the_last_attempt_saw_it(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    made = ada.post(models_of(place), {}).json()
    job = UUID(made["job"]["id"])
    for attempt, epoch, loss in [(1, 0, 3.0), (1, 1, 2.0), (2, 1, 1.5), (2, 2, 1.0)]:
        world.add(JobEvent(job_id=job, attempt=attempt, kind="metric", data={"epoch": epoch, "train_loss": loss}))
    path = f"{models_of(place)}/{made['model']['id']}/curves"
    curve = ada.get(path).json()
    assert [(point["epoch"], point["train_loss"]) for point in curve] == [(0, 3.0), (1, 1.5), (2, 1.0)]
    assert [point["epoch"] for point in ada.get(f"{path}?after={curve[1]['id']}").json()] == [2]


def test_the_curve_tells_every_number_of_the_training(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    made = ada.post(models_of(place), {}).json()
    told = {"epoch": 1, "train_loss": 2.0, "temporal": 0.25, "pose_pca": 3, "note": "slow"}
    world.add(JobEvent(job_id=UUID(made["job"]["id"]), attempt=1, kind="metric", data=told))
    point = ada.get(f"{models_of(place)}/{made['model']['id']}/curves").json()[0]
    assert (point["train_loss"], point["others"]) == (2, {"temporal": 0.25, "pose_pca": 3})


def test_every_setting_of_a_training_has_a_title_bounds_and_words(world: Any) -> None:
    ada = world.person()
    fields = {field["path"]: field for field in ada.get(f"{world.project(ada).path}/train-fields").json()}
    epochs = fields["epochs"]
    assert (epochs["kind"], epochs["minimum"], epochs["maximum"], epochs["nullable"]) == ("integer", 1, 5000, False)
    assert fields["image_width"]["multiple_of"] == 32
    assert fields["downsample_factor"]["choices"][:3] == [1, 2, 3]
    assert (fields["learning_rate"]["above"], fields["learning_rate"]["maximum"]) == (0, 1)
    assert fields["augment.rotation_degrees"]["nullable"]
    assert fields["split.method"]["kind"] == "choice"
    assert fields["augment.horizontal_flip"]["kind"] == "switch"
    assert [path for path, field in fields.items() if not (field["title"] and field["help"])] == []
    assert set(WORDS) <= set(fields)


def test_a_ready_model_can_be_downloaded_and_evaluated(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{models_of(place)}/{add_model(world, place, **READY)}"
    files = ada.get(f"{path}/download").json()["files"]
    assert [file["name"] for file in files] == ["weights.safetensors", "model.json"]
    assert all("jobs/1/1/model/" in file["url"] for file in files)
    reply = ada.post(f"{path}/evaluate", {"split": "validation"})
    assert (reply.status_code, reply.json()["job"]["kind"]) == (202, "evaluate")


def test_a_heatmap_is_drawn_by_an_interactive_job_that_names_model_video_and_frame(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path, video = f"{models_of(place)}/{add_model(world, place, **READY)}/heatmap", world.video(place)
    wanted = {"video_id": str(video), "frame": 99, "keypoint": "nose"}
    job = world.member(place, "annotator").post(path, wanted).json()["job"]
    assert (job["kind"], job["priority"]) == ("heatmap", 0)
    with world.sessions() as session:
        assert session.get(Job, UUID(job["id"])).spec == {"model_id": path.split("/")[-2], **wanted}
    assert ada.post(path, wanted | {"frame": 100}).json()["code"] == "frames.beyond_video"
    assert ada.post(path, wanted | {"video_id": str(uuid4())}).status_code == 404
    assert world.member(place, "viewer").post(path, wanted).status_code == 403
    assert world.person().post(path, wanted).status_code == 404
    coming = world.video(place, state="processing")
    assert ada.post(path, wanted | {"video_id": str(coming)}).json()["code"] == "video.not_ready"


def test_a_model_that_is_not_ready_is_neither_downloaded_nor_evaluated(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{models_of(place)}/{add_model(world, place, state='training')}"
    assert ada.get(f"{path}/download").json()["code"] == "model.not_ready"
    assert ada.post(f"{path}/evaluate", {"split": "test"}).status_code == 409


def test_a_model_is_renamed(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{models_of(place)}/{add_model(world, place, **READY)}"
    assert ada.patch(path, {"name": "Better"}).json()["name"] == "Better"
    assert ada.get(path).json()["name"] == "Better"


def test_deleting_a_model_ends_its_training(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    made = ada.post(models_of(place), {}).json()
    assert ada.delete(f"{models_of(place)}/{made['model']['id']}").status_code == 200
    assert ada.get(f"{place.path}/jobs/{made['job']['id']}").json()["state"] == "cancelled"


def test_a_deleted_model_takes_its_predictions_along_and_brings_them_back(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    model = add_model(world, place, **READY)
    values = {"project_id": place.id, "model_id": model, "video_id": world.video(place), "size_bytes": 11}
    world.add(Prediction(state="ready", **values))
    assert ada.delete(f"{models_of(place)}/{model}").json() == {"bytes_freed": 111}
    assert ada.get(f"{place.path}/predictions").json()["items"] == []
    assert ada.post(f"{place.path}/trash/model/{model}/restore").status_code == 200
    assert len(ada.get(f"{place.path}/predictions").json()["items"]) == 1


@pytest.mark.parametrize("role", ["annotator", "reviewer", "viewer"])
def test_only_editors_and_owners_train(world: Any, role: str) -> None:
    place = world.project(world.person())
    label(world, place)
    assert world.member(place, role).post(models_of(place), {}).status_code == 403


def test_a_stranger_cannot_see_that_a_model_exists(world: Any) -> None:
    place, stranger = world.project(world.person()), world.person()
    model = add_model(world, place, **READY)
    for where in (place, world.project(stranger)):
        path = f"{models_of(where)}/{model}"
        replies = [stranger.get(path + rest) for rest in ("", "/curves", "/download")]
        replies += [stranger.patch(path, {"name": "Mine"}), stranger.delete(path)]
        replies += [stranger.post(f"{path}/evaluate", {"split": "test"})]
        assert [reply.status_code for reply in replies] == [404] * 6
