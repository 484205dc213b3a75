"""Ensembles over the API: members and smoothers, runs over videos, and N trainings as one job."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tailbase_core.tables import Job, Keypoint, LabelSet, Model, Prediction, Recording, Video, View

SKELETON = {"keypoints": [{"name": "nose"}, {"name": "tail"}]}


def of(place: Any) -> str:
    return f"{place.path}/ensembles"


def add_model(world: Any, place: Any, name: str = "A", **values: Any) -> str:
    ready = {"state": "ready", "artifact_key": "jobs/1/1/model", "skeleton": SKELETON}
    model = Model(id=uuid4(), project_id=place.id, name=name, **(ready | values))
    world.add(model)
    return str(model.id)


def create(person: Any, place: Any, models: list[str], **body: Any) -> Any:
    return person.post(of(place), {"model_ids": models, **body})


def label(world: Any, place: Any) -> None:
    frame = world.frame(place, state="submitted")
    points = {f"{place.individual}/{place.keypoints['nose']}": {"x": 1.0, "y": 2.0, "state": "visible"}}
    world.add(LabelSet(project_id=place.id, frame_id=frame, rater_id=None, version=1, points=points))


def add_views(world: Any, place: Any, *names: str) -> dict[str, UUID]:
    views = {name: uuid4() for name in names}
    world.add(*(View(id=id, project_id=place.id, name=name) for name, id in views.items()))
    return views


def test_an_ensemble_of_two_models_is_made_listed_renamed_and_shows_its_members(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    models = [add_model(world, place, name) for name in "AB"]
    made = create(ada, place, models)
    assert made.status_code == 201
    path = f"{of(place)}/{made.json()['id']}"
    assert (made.json()["name"], made.json()["state"]) == ("Ensemble 1", "ready")
    assert [member["name"] for member in made.json()["members"]] == ["A", "B"]
    assert made.json()["settings"]["method"] == "single"
    assert ada.patch(path, {"name": "Best"}).json()["name"] == "Best"
    assert [one["name"] for one in ada.get(of(place)).json()["items"]] == ["Best"]
    assert ada.get(path).json()["predictions"] == {"ready": 0, "under_way": 0, "failed": 0}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"skeleton": {"keypoints": [{"name": "wing"}]}}, 409, "ensemble.other_keypoints"),
        ({"state": "training"}, 409, "model.not_ready"),
    ],
)
def test_models_that_do_not_fit_together_are_refused(
    world: Any, refused: Any, changes: dict[str, Any], status: int, code: str
) -> None:
    ada = world.person()
    place = world.project(ada)
    models = [add_model(world, place), add_model(world, place, "B", **changes)]
    assert "B" in refused(create(ada, place, models), status, code)["detail"]
    assert ada.get(of(place)).json()["items"] == []


def test_members_may_lack_keypoints_and_say_which(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    models = [add_model(world, place), add_model(world, place, "B", skeleton={"keypoints": [{"name": "nose"}]})]
    made = create(ada, place, models).json()
    assert [member["lacks"] for member in made["members"]] == [[], ["tail"]]


def test_settings_are_changed_and_done_videos_run_again_with_them(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    made = create(ada, place, [add_model(world, place)]).json()
    path, video = f"{of(place)}/{made['id']}", world.video(place)
    values = {"project_id": place.id, "ensemble_id": UUID(made["id"]), "video_id": video, "state": "ready"}
    world.add(Prediction(provenance={"settings": made["settings"]}, **values))
    changed = ada.patch(path, {"settings": {"method": "median", "window": 7}}).json()
    assert (changed["name"], changed["settings"]["window"]) == (made["name"], 7)
    listed = f"{place.path}/predictions?ensemble={made['id']}"
    assert [one["outdated"] for one in ada.get(listed).json()["items"]] == [True]
    assert ada.post(f"{path}/run", {"video_ids": [str(video)]}).json()["skipped"] == [str(video)]
    again = ada.post(f"{path}/run", {"video_ids": [str(video)], "again": True}).json()
    assert (len(again["jobs"]), again["predictions"][0]["state"], again["skipped"]) == (1, "queued", [])
    refused(ada.patch(path, {"settings": {"method": "single"}}), 409, "ensemble.under_way")
    refused(ada.patch(path, {"settings": {"method": "mirrored"}}), 409, "ensemble.under_way")
    assert ada.patch(path, {"name": "Best"}).json()["settings"]["window"] == 7


def test_changed_settings_must_suit_the_project(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    made = create(ada, place, [add_model(world, place)]).json()
    path = f"{of(place)}/{made['id']}"
    refused(ada.patch(path, {"settings": {"method": "mirrored"}}), 409, "smoothing.unavailable")
    assert ada.get(path).json()["settings"] == made["settings"]


def test_paws_need_a_camera_on_either_side_sides_in_names_and_times(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada, ("paw_l", "paw_r"))

    def why() -> str | None:
        return next(one["unavailable"] for one in ada.get(f"{place.path}/smoothers").json() if one["method"] == "paw")

    assert "come from one camera" in why()
    views = add_views(world, place, "leftCamera", "rightCamera")
    videos = [
        world.video(place, f"{name}.mp4", view_id=view, frame_count=frames)
        for (name, view), frames in zip(views.items(), (3, 4), strict=True)
    ]
    assert "share no clock" in why()
    for number, video in enumerate(videos):
        seconds = [10 + 0.1 * t for t in range(3 + number)]
        body = {"filename": "times.npy", "seconds": seconds}
        reply = ada.put(f"{place.path}/videos/{video}/camera-times", body)
        assert reply.json()["camera_times"] == {"filename": "times.npy", "first": 10.0, "last": seconds[-1]}
    assert why() is None
    made = create(ada, place, [add_model(world, place)]).json()
    assert (made["settings"]["method"], made["settings"]["views"]) == ("paw", ["leftCamera", "rightCamera"])
    run = f"{of(place)}/{made['id']}/run"
    assert len(ada.post(run, {"video_ids": [str(videos[1])]}).json()["predictions"]) == 2
    assert ada.delete(f"{place.path}/videos/{videos[1]}/camera-times").status_code == 204
    body = {"video_ids": [str(videos[0])], "again": True}
    assert "rightCamera.mp4" in refused(ada.post(run, body), 409, "video.no_camera_times")["detail"]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [([1.0, 2.0], "camera_times.other_length"), ([1.0, 3.0, 2.0], "camera_times.order"), ([1.0], "request.invalid")],
)
def test_times_that_do_not_fit_the_video_are_refused(world: Any, refused: Any, seconds: list[float], code: str) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{place.path}/videos/{world.video(place, frame_count=3)}"
    refused(ada.put(f"{path}/camera-times", {"filename": "t.csv", "seconds": seconds}), 422, code)
    assert ada.get(path).json()["camera_times"] is None


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"method": "multiview"}, "smoothing.unavailable"),
        ({"method": "mirrored"}, "smoothing.unavailable"),
        ({"method": "pupil"}, "smoothing.unavailable"),
        ({"method": "median", "window": 4}, "smoothing.window"),
        ({"method": "single", "views": ["top"]}, "smoothing.views"),
        ({"method": "magic"}, "request.invalid"),
        ({"smoothing": -1}, "request.invalid"),
        ({"quantile": 0}, "request.invalid"),
    ],
)
def test_settings_that_cannot_work_here_are_refused(world: Any, wanted: dict[str, Any], code: str) -> None:
    ada = world.person()
    place = world.project(ada)
    reply = create(ada, place, [add_model(world, place)], settings=wanted)
    assert reply.json()["code"] == code
    assert reply.status_code in (409, 422)


def test_the_suggested_smoother_follows_from_keypoints_and_cameras(world: Any) -> None:
    ada = world.person()

    def suggested(place: Any) -> str:
        return next(one["method"] for one in ada.get(f"{place.path}/smoothers").json() if one["suggested"])

    plain = world.project(ada)
    assert suggested(plain) == "single"
    mirrored = world.project(ada, ("paw_top", "paw_bot"))
    views = add_views(world, mirrored, "top", "bot")
    with world.sessions.begin() as session:
        for name, view in views.items():
            session.get_one(Keypoint, mirrored.keypoints[f"paw_{name}"]).view_id = view
    assert suggested(mirrored) == "mirrored"
    filmed = world.project(ada)
    for name, view in add_views(world, filmed, "left", "right").items():
        world.video(filmed, f"{name}.mp4", view_id=view)
    assert suggested(filmed) == "multiview"
    with world.sessions.begin() as session:
        session.get_one(Recording, filmed.recording).calibration_key = "projects/1/calibration"
    assert suggested(filmed) == "calibrated"
    assert suggested(world.project(ada, ("pupil_top", "pupil_bottom", "pupil_left", "pupil_right"))) == "pupil"


def test_a_run_makes_one_job_a_video_and_skips_what_is_done(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{of(place)}/{create(ada, place, [add_model(world, place)]).json()['id']}"
    videos = [str(world.video(place, f"{i}.mp4")) for i in range(2)]
    reply = ada.post(f"{path}/run", {"video_ids": videos})
    assert reply.status_code == 202
    body = reply.json()
    assert [job["kind"] for job in body["jobs"]] == ["ensemble", "ensemble"]
    assert {one["job_id"] for one in body["predictions"]} == {job["id"] for job in body["jobs"]}
    assert {(one["model"], one["ensemble"]["name"], one["state"]) for one in body["predictions"]} == {
        (None, "Ensemble 1", "queued")
    }
    again = ada.post(f"{path}/run", {"video_ids": videos}).json()
    assert (again["jobs"], sorted(again["skipped"])) == ([], sorted(videos))
    assert ada.get(path).json()["predictions"]["under_way"] == 2
    listed = ada.get(f"{place.path}/predictions?ensemble={body['predictions'][0]['ensemble']['id']}").json()["items"]
    assert len(listed) == 2


def multiview(world: Any, ada: Any, place: Any, **lengths: int) -> str:
    """An ensemble of a project with the views left and right; gives the path of its runs."""
    views = add_views(world, place, *lengths)
    for name, frames in lengths.items():
        world.video(place, f"{name}.mp4", view_id=views[name], frame_count=frames)
    made = create(ada, place, [add_model(world, place)], settings={"method": "multiview"}).json()
    return f"{of(place)}/{made['id']}/run"


def test_the_cameras_of_a_recording_are_one_job_whichever_video_is_asked_for(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    run = multiview(world, ada, place, left=100, right=100)
    videos = ada.get(f"{place.path}/videos").json()["items"]
    reply = ada.post(run, {"video_ids": [videos[0]["id"]]}).json()
    assert (len(reply["jobs"]), len(reply["predictions"])) == (1, 2)
    with world.sessions() as session:
        spec = session.get(Job, UUID(reply["jobs"][0]["id"])).spec
    assert len(spec["video_ids"]) == len(spec["prediction_ids"]) == 2


def test_a_recording_without_one_of_its_views_is_named(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    run = multiview(world, ada, place, left=100, right=100)
    other = Recording(id=uuid4(), project_id=place.id, name="tuesday")
    world.add(other)
    left = next(one for one in ada.get(f"{place.path}/videos").json()["items"] if one["view"] == "left")
    with world.sessions() as session:
        view = session.scalar(select(View.id).where(View.name == "left", View.project_id == place.id))
    lonely = world.video(place, "lonely.mp4", view_id=view)
    with world.sessions.begin() as session:
        session.get_one(Video, lonely).recording_id = other.id
    detail = refused(ada.post(run, {"video_ids": [str(lonely)]}), 409, "recording.views_incomplete")["detail"]
    assert "tuesday has no video of the view right" in detail
    assert ada.post(run, {"video_ids": [left["id"]]}).status_code == 202


def test_views_of_different_lengths_are_refused_with_their_lengths(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    run = multiview(world, ada, place, left=100, right=99)
    video = ada.get(f"{place.path}/videos").json()["items"][0]["id"]
    detail = refused(ada.post(run, {"video_ids": [video]}), 409, "recording.lengths_differ")["detail"]
    assert "left.mp4 100" in detail
    assert "right.mp4 99" in detail


def test_a_model_of_another_program_must_have_the_video_already(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    imported = add_model(world, place, "DLC", preset="imported", artifact_key=None)
    path = f"{of(place)}/{create(ada, place, [imported, add_model(world, place)]).json()['id']}/run"
    video = world.video(place)
    assert "DLC" in refused(ada.post(path, {"video_ids": [str(video)]}), 409, "ensemble.member_lacks_video")["detail"]
    world.add(Prediction(project_id=place.id, model_id=UUID(imported), video_id=video, state="ready"))
    assert ada.post(path, {"video_ids": [str(video)]}).status_code == 202
    predict = {"model_id": imported, "video_ids": [str(video)]}
    refused(ada.post(f"{place.path}/predictions", predict), 409, "model.imported")


def test_training_an_ensemble_is_one_tree_of_jobs_with_networks_that_differ_in_their_seed(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    body = {"members": 3, "preset": "fast", "spec": {"epochs": 2, "seed": 7}, "video_ids": [str(world.video(place))]}
    reply = ada.post(f"{of(place)}/train", body)
    assert reply.status_code == 202
    made = reply.json()
    assert [model["spec"]["seed"] for model in made["models"]] == [7, 8, 9]
    assert [model["name"] for model in made["models"]] == [f"Ensemble 1 #{n}" for n in (1, 2, 3)]
    assert (made["ensemble"]["state"], made["ensemble"]["job_id"]) == ("training", made["job"]["id"])
    assert (made["job"]["state"], made["predictions"][0]["state"]) == ("waiting", "queued")
    job = ada.get(f"{place.path}/jobs/{made['job']['id']}").json()
    assert [(part["kind"], part["state"]) for part in job["parts"]] == [("train", "queued")] * 3 + [
        ("ensemble", "waiting")
    ]
    assert [one["id"] for one in ada.get(f"{place.path}/jobs").json()["items"]] == [made["job"]["id"]]


def test_cancelling_the_whole_cancels_trainings_and_runs(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    body = {"members": 2, "preset": "fast", "video_ids": [str(world.video(place))]}
    made = ada.post(f"{of(place)}/train", body).json()
    path = f"{place.path}/jobs/{made['job']['id']}"
    assert ada.post(f"{path}/cancel").json()["state"] == "cancelled"
    assert {part["state"] for part in ada.get(path).json()["parts"]} == {"cancelled"}
    assert {one["state"] for one in ada.get(f"{place.path}/models").json()["items"]} == {"cancelled"}
    assert {one["state"] for one in ada.get(f"{place.path}/predictions").json()["items"]} == {"cancelled"}
    assert ada.get(f"{of(place)}/{made['ensemble']['id']}").json()["state"] == "failed"


def test_nothing_is_made_where_an_ensemble_cannot_be_trained(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    refused(ada.post(f"{of(place)}/train", {"members": 2}), 422, "labels.none")
    for listed in ("ensembles", "models", "jobs"):
        assert ada.get(f"{place.path}/{listed}").json()["items"] == []


def test_a_deleted_ensemble_takes_its_predictions_along_and_brings_them_back(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    made = create(ada, place, [add_model(world, place)]).json()["id"]
    values = {"project_id": place.id, "ensemble_id": UUID(made), "video_id": world.video(place), "size_bytes": 11}
    world.add(Prediction(state="ready", **values))
    assert ada.delete(f"{of(place)}/{made}").json() == {"bytes_freed": 11}
    assert ada.get(f"{place.path}/predictions").json()["items"] == []
    (item,) = ada.get(f"{place.path}/trash").json()["items"]
    assert (item["kind"], item["name"], item["size_bytes"]) == ("ensemble", "Ensemble 1", 11)
    assert ada.post(f"{place.path}/trash/ensemble/{made}/restore").status_code == 200
    assert len(ada.get(f"{place.path}/predictions").json()["items"]) == 1
    assert ada.get(f"{place.path}/models").json()["items"] != []


def test_deleting_an_ensemble_under_way_ends_its_work(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    label(world, place)
    made = ada.post(f"{of(place)}/train", {"members": 2, "preset": "fast"}).json()
    assert ada.delete(f"{of(place)}/{made['ensemble']['id']}").status_code == 200
    assert ada.get(f"{place.path}/jobs/{made['job']['id']}").json()["state"] == "cancelled"


@pytest.mark.parametrize("role", ["annotator", "reviewer", "viewer"])
def test_only_editors_and_owners_make_and_run_ensembles(world: Any, role: str) -> None:
    ada = world.person()
    place = world.project(ada)
    model = add_model(world, place)
    member, made = world.member(place, role), create(ada, place, [model]).json()["id"]
    assert create(member, place, [model]).status_code == 403
    assert member.post(f"{of(place)}/train", {}).status_code == 403
    assert member.post(f"{of(place)}/{made}/run", {"video_ids": [str(world.video(place))]}).status_code == 403
    assert member.get(f"{of(place)}/{made}").status_code == 200


def test_a_stranger_cannot_see_that_an_ensemble_or_model_exists(world: Any) -> None:
    ada, stranger = world.person(), world.person()
    place, theirs = world.project(ada), world.project(stranger)
    model = add_model(world, place)
    made = create(ada, place, [model]).json()["id"]
    for where in (place, theirs):
        path = f"{of(where)}/{made}"
        replies = [stranger.get(path), stranger.patch(path, {"name": "Mine"}), stranger.delete(path)]
        replies += [stranger.post(f"{path}/run", {"video_ids": [str(uuid4())]}), create(stranger, where, [model])]
        assert [reply.status_code for reply in replies] == [404] * 5
    own = create(stranger, theirs, [add_model(world, theirs)]).json()["id"]
    assert stranger.post(f"{of(theirs)}/{own}/run", {"video_ids": [str(world.video(place))]}).status_code == 404
