"""The Python client and `tailbase remote` against the real app."""

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_api.services import make_services
from tailbase_client import JobEnded, Project, Tailbase, TailbaseApiError, config
from tailbase_client.client import sign_in
from tailbase_client.commands import remote
from tailbase_core import jobs
from tailbase_core.settings import Settings, UploadLimits
from tailbase_core.tables import Job, Model, Upload, Video

PART = 1000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With parts so small that a tiny file has many."""
    return settings.model_copy(update={"uploads": UploadLimits(part_bytes=PART)})


@pytest.fixture
def ada(world: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return world.person()


@pytest.fixture
def tailbase(address: str, ada: Any) -> Iterator[Tailbase]:
    with Tailbase(address, ada.token) as client:
        yield client


@pytest.fixture
def project(tailbase: Tailbase) -> Project:
    skeleton = {"keypoints": [{"name": "nose"}, {"name": "tail"}], "edges": [["nose", "tail"]]}
    return tailbase.create_project("Reaching", skeleton)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "monday.mp4"
    path.write_bytes(bytes(range(256)) * 20)
    return path


def finish(world: Any, outcome: jobs.Outcome) -> bool:
    """Do the next job as a worker would, and say whether there was one."""
    with world.sessions.begin() as session:
        claim = jobs.claim(session, "test", ["default"], 60)
        if claim is None:
            return False
        for name in claim.spec.get("video_ids", [claim.spec.get("video_id")]) if claim.kind == "ingest" else ():
            video = session.get_one(Video, UUID(name))
            video.state, video.error_code, video.error_detail = "rejected", "video.not_a_video", "This is no video."
        jobs.finish(session, claim, outcome)
    return True


@contextmanager
def working(world: Any, outcome: jobs.Outcome) -> Iterator[None]:
    """All jobs of this time end so."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.02):
            finish(world, outcome)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    remote.configure(parser)
    return remote.run(parser.parse_args(words))


def test_projects_are_found_by_name_and_by_id(tailbase: Tailbase, project: Project) -> None:
    assert tailbase.project("Reaching").id == tailbase.project(project.id).id == project.id
    assert [k["name"] for k in project.skeleton()["keypoints"]] == ["nose", "tail"]
    with pytest.raises(TailbaseApiError, match="There are: Reaching"):
        tailbase.project("Reeching")


def test_an_uploaded_video_arrives_byte_for_byte(project: Project, film: Path, world: Any, settings: Settings) -> None:
    told: list[tuple[str, int, int]] = []
    video = project.upload_video(film, lambda *step: told.append(step))
    assert video["state"] == "processing"
    assert told[-1] == ("uploading", 5120, 5120)
    with world.sessions() as session:
        key = session.get_one(Video, UUID(video["id"])).blob_key
    services = make_services(settings)
    assert b"".join(services.store.open_range(key, 0, 5120)) == film.read_bytes()
    services.close()


def test_an_interrupted_upload_goes_on_with_the_parts_that_are_missing(
    project: Project, film: Path, world: Any
) -> None:
    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "uploading" and done >= 2 * PART:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.upload_video(film, interrupt)
    told: list[tuple[str, int, int]] = []
    assert project.upload_video(film, lambda *step: told.append(step))["state"] == "processing"
    began = next(done for stage, done, _ in told if stage == "uploading")
    assert began >= 2 * PART
    with world.sessions() as session:
        assert session.query(Upload).count() == 1


def test_a_file_that_changed_is_uploaded_from_the_start(project: Project, film: Path) -> None:
    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "uploading" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.upload_video(film, interrupt)
    film.write_bytes(b"another film" * 300)
    assert project.upload_video(film)["state"] == "processing"


def test_labels_are_saved_under_their_version_and_a_stale_save_tells_what_changed(
    project: Project, world: Any, ada: Any
) -> None:
    place = argparse.Namespace(id=UUID(project.id), recording=None)
    frame = world.frame(place)
    animal = project.individuals()[0]["id"]
    nose, tail = (keypoint["id"] for keypoint in project.skeleton()["keypoints"])
    change = {"individual_id": animal, "keypoint_id": nose, "x": 3.5, "y": 4.0, "state": "visible"}
    saved = project.save_labels(frame, [change], version=project.labels(frame)["version"])
    assert (saved["version"], saved["points"]) == (1, [change | {"model_id": None}])
    with pytest.raises(TailbaseApiError) as caught:
        project.save_labels(frame, [change | {"keypoint_id": tail}], version=0)
    assert caught.value.status == 412
    assert caught.value.problem["changed_keys"] == [f"{animal}/{nose}"]
    assert [entry["version"] for entry in project.label_history(frame)] == [1]


def test_waiting_ends_with_the_job_and_raises_what_went_wrong(project: Project, world: Any) -> None:
    first = project.start_export("labels", "csv")
    artifact = {"name": "labels.csv", "key": "jobs/1/1/labels.csv", "size_bytes": 11, "content_type": "text/csv"}
    finish(world, jobs.Succeeded({"files": 1}, [artifact]))
    assert project.wait(first)["result"] == {"files": 1}
    second = project.start_export("labels", "csv")
    finish(world, jobs.Failed("labels.none", "There are no labels to export."))
    with pytest.raises(JobEnded, match="no labels to export") as caught:
        project.wait(second)
    assert caught.value.code == "labels.none"


def test_waiting_gives_up_after_a_time_when_asked_to(project: Project) -> None:
    job = project.start_export("labels", "csv")
    with pytest.raises(TimeoutError):
        project.wait(job, timeout=0.01)
    assert project.cancel(job)["state"] == "cancelled"


def test_an_export_is_downloaded_when_its_job_is_done(
    project: Project, world: Any, settings: Settings, tmp_path: Path
) -> None:
    services = make_services(settings)
    services.store.put_bytes("jobs/1/1/labels.csv", b"scorer,ada\n")
    services.close()
    artifact = {"name": "labels.csv", "key": "jobs/1/1/labels.csv", "size_bytes": 11, "content_type": "text/csv"}
    with working(world, jobs.Succeeded({}, [artifact])):
        paths = project.export("labels", "csv", tmp_path / "out")
    assert [path.read_bytes() for path in paths] == [b"scorer,ada\n"]


def test_a_folder_is_packed_uploaded_and_imported(project: Project, world: Any, tmp_path: Path) -> None:
    (tmp_path / "old" / "labeled-data").mkdir(parents=True)
    (tmp_path / "old" / "CollectedData.csv").write_text("scorer,a\n")
    job = project.import_folder(tmp_path / "old", dry_run=True)
    with world.sessions() as session:
        spec = session.get_one(Job, UUID(job["id"])).spec
    assert spec["dry_run"]
    assert job["title"] == "Look into old.zip"


def test_models_are_trained_renamed_and_deleted(project: Project, world: Any) -> None:
    with pytest.raises(TailbaseApiError) as caught:
        project.train("fast")
    assert caught.value.code == "labels.none"
    model = Model(project_id=UUID(project.id), name="Old", state="failed", label_summary={"frames": 0, "points": 0})
    world.add(model)
    assert project.rename_model(project.models()[0], "New")["name"] == "New"
    assert project.delete_model(project.models()[0]) == 0
    assert [item["kind"] for item in project.trash()] == ["model"]
    project.restore("model", model.id)
    assert len(project.models()) == 1


def test_ensembles_are_made_run_renamed_and_deleted(project: Project, world: Any) -> None:
    values = {"project_id": UUID(project.info["id"]), "state": "ready", "artifact_key": "jobs/1/1/model"}
    skeleton = {"keypoints": [{"name": "nose"}, {"name": "tail"}]}
    models = [Model(id=uuid4(), name=name, skeleton=skeleton, **values) for name in ("A", "B")]
    video = Video(
        id=uuid4(), project_id=values["project_id"], name="monday.mp4", state="ready", frame_count=10,
        recording_id=UUID(project._post("/recordings", {"name": "r"})["id"]),
    )  # fmt: skip
    world.add(*models, video)
    made = project.create_ensemble([model.id for model in models], "Both", {"method": "median", "window": 7})
    assert [one["name"] for one in project.ensembles()] == ["Both"]
    assert next(one["method"] for one in project.smoothers() if one["suggested"]) == "single"
    asked = project.run_ensemble(made, [video.id])
    assert [one["id"] for one in project.predictions(ensemble=made)] == [asked["predictions"][0]["id"]]
    assert project.run_ensemble(made, [video.id], again=True)["skipped"] == [str(video.id)]
    assert project.rename_ensemble(made, "Pair")["name"] == "Pair"
    assert project.delete_ensemble(made) == 0
    other = project.create_ensemble([models[0].id])
    assert project.change_ensemble(other, {"method": "median", "window": 9})["settings"]["window"] == 9
    times = project.set_camera_times(video.id, [0.1 * t for t in range(10)], "clock.npy")["camera_times"]
    assert (times["filename"], times["first"]) == ("clock.npy", 0.0)


def test_predictions_and_calibrations_of_other_programs_are_sent(project: Project, world: Any, tmp_path: Path) -> None:
    recording = project._post("/recordings", {"name": "r"})["id"]
    video = Video(
        id=uuid4(), project_id=UUID(project.info["id"]), recording_id=UUID(recording), name="monday.mp4", state="ready",
        frame_count=10,
    )  # fmt: skip
    world.add(video)
    (tmp_path / "theirs.csv").write_text("scorer,a\n")
    (tmp_path / "lab.toml").write_text("[cam]\n")
    imported = project.import_predictions({tmp_path / "theirs.csv": video.id}, "DLC")
    assert (imported["kind"], imported["title"]) == ("import_predictions", "Import predictions of DLC")
    assert project.calibrate(recording, tmp_path / "lab.toml")["kind"] == "calibration"


def test_signing_in_with_a_password_makes_a_token_that_works(address: str, ada: Any) -> None:
    token = sign_in(address, ada.email, "correct horse battery", "tailbase remote on bench")
    with Tailbase(address, token) as client:
        assert "tailbase remote on bench" in [t["name"] for t in client.tokens()]


def test_the_command_line_signs_in_lists_and_uploads(
    address: str, ada: Any, project: Project, film: Path, world: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("login", address, "--token", ada.token) == 0
    assert config.load().url == address
    assert run("projects", "--create", "Second") == 0
    assert "Second" in capsys.readouterr().out
    with working(world, jobs.Succeeded()):
        assert run("upload", "Reaching", str(film)) == 2
    assert "This is no video. [video.not_a_video]" in capsys.readouterr().out
    assert run("videos", "Reaching") == 0
    assert "monday.mp4" in capsys.readouterr().out
    assert run("jobs", "Reaching") == 0
    assert run("logout") == 0
    assert run("projects") == 2
    assert "tailbase remote login" in capsys.readouterr().err


def test_the_command_line_says_what_is_wrong_in_one_line(
    address: str, ada: Any, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    run("login", address, "--token", ada.token)
    for words, said in (
        (("train", "Reaching"), "[labels.none]"),
        (("select-frames", "Reaching"), "[video.none]"),
        (("upload", "Reaching", "/nowhere.mp4"), "no such file"),
        (("predict", "Reaching", "Best"), "[model.unclear]"),
    ):
        assert run(*words) == 2
        assert said in capsys.readouterr().err
