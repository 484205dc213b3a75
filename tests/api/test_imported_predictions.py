"""Asking for the import of poses and of calibrations over the API."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_core.tables import Job, Model, Recording, Upload


def add_upload(world: Any, place: Any, user: UUID, filename: str = "theirs.csv", **values: Any) -> str:
    usual = {"purpose": "import", "completed_at": datetime.now(UTC), "expires_at": datetime.now(UTC)}
    key = f"projects/{place.id}/uploads/{uuid4()}"
    row = Upload(
        id=uuid4(), project_id=place.id, user_id=user, filename=filename, blob_key=key, multipart_id="1",
        size_bytes=1, part_bytes=1, **(usual | values),
    )  # fmt: skip
    world.add(row)
    return str(row.id)


def test_an_import_names_the_file_its_blob_and_its_video(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    video = str(world.video(place))
    body = {"files": [{"video_id": video, "upload_id": add_upload(world, place, ada.id)}]}
    reply = ada.post(f"{place.path}/predictions/import", body)
    assert (reply.status_code, reply.json()["job"]["kind"]) == (202, "import_predictions")
    with world.sessions() as session:
        spec = session.get(Job, UUID(reply.json()["job"]["id"])).spec
    assert (spec["name"], spec["files"][0]["filename"], spec["files"][0]["video_id"]) == ("theirs", "theirs.csv", video)


def test_what_cannot_be_imported_is_refused_at_once(world: Any, refused: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path, video = f"{place.path}/predictions/import", str(world.video(place))
    good, pdf = add_upload(world, place, ada.id), add_upload(world, place, ada.id, "paper.pdf")
    open_one = add_upload(world, place, ada.id, completed_at=None)
    network = Model(id=uuid4(), project_id=place.id, name="Net", preset="fast", state="ready", artifact_key="jobs/1")
    world.add(network)

    def ask(*uploads: str, **more: Any) -> Any:
        return ada.post(path, {"files": [{"video_id": video, "upload_id": one} for one in uploads], **more})

    refused(ask(pdf), 422, "import.not_predictions")
    refused(ask(open_one), 409, "upload.incomplete")
    refused(ask(good, good), 422, "import.video_twice")
    refused(ask(good, model_id=str(network.id)), 409, "model.not_imported")
    refused(ask(str(uuid4())), 404, "not_found")
    refused(ada.post(path, {"files": [{"video_id": video}]}), 422, "request.invalid")
    assert ada.get(f"{place.path}/jobs").json()["items"] == []


def test_a_calibration_is_stored_and_checked_by_a_job(world: Any, app: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{place.path}/recordings/{place.recording}"
    reply = ada.put(f"{path}/calibration", {"filename": "lab.toml", "text": "[cam_0]"})
    assert (reply.status_code, reply.json()["job"]["kind"]) == (202, "calibration")
    with world.sessions() as session:
        spec = session.get(Job, UUID(reply.json()["job"]["id"])).spec
    assert app.state.services.store.size(spec["key"]) == len("[cam_0]")
    assert ada.get(path).json()["calibration"] is None


def test_a_recording_shows_its_cameras_until_the_calibration_is_taken_away(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{place.path}/recordings/{place.recording}"
    camera = {"name": "top", "focal_px": [1.0, 1.0], "centre_px": [2.0, 2.0], "place": [0.0, 0.0, 0.0]}
    with world.sessions.begin() as session:
        row = session.get_one(Recording, place.recording)
        row.calibration_key, row.calibration = "projects/1/c", {"filename": "lab.toml", "cameras": [camera]}
    assert ada.get(path).json()["calibration"] == {"filename": "lab.toml", "cameras": [camera]}
    assert ada.delete(f"{path}/calibration").status_code == 204
    assert ada.get(path).json()["calibration"] is None


@pytest.mark.parametrize("filename", ["lab.pkl", "../lab.toml", "lab", "a/b.yaml"])
def test_only_calibration_files_are_taken(world: Any, refused: Any, filename: str) -> None:
    ada = world.person()
    place = world.project(ada)
    path = f"{place.path}/recordings/{place.recording}/calibration"
    refused(ada.put(path, {"filename": filename, "text": "x"}), 422, "request.invalid")
