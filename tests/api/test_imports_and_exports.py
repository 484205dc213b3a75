"""Asking for imports and exports over the API."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_core.settings import Settings
from tailbase_core.tables import Job, Model, Prediction, Upload


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With one root that holds a project of another program."""
    (tmp_path / "lab" / "old project").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "lab" / "leak").symlink_to(tmp_path / "outside")
    return settings.model_copy(update={"roots": (tmp_path / "lab",)})


def add_upload(world: Any, place: Any, person: Any, **values: Any) -> UUID:
    usual = {
        "purpose": "import",
        "filename": "old.zip",
        "blob_key": f"projects/{place.id}/uploads/1",
        "multipart_id": "m",
        "size_bytes": 5,
        "part_bytes": 5,
        "completed_at": datetime.now(UTC),
        "expires_at": datetime.now(UTC) + timedelta(hours=1),
    }
    upload = Upload(id=uuid4(), project_id=place.id, user_id=person.id, **(usual | values))
    world.add(upload)
    return upload.id


def spec_of(world: Any, reply: Any) -> dict[str, Any]:
    assert reply.status_code == 202, reply.text
    with world.sessions() as session:
        spec: dict[str, Any] = session.get_one(Job, UUID(reply.json()["job"]["id"])).spec
        return spec


def test_an_uploaded_archive_is_imported_by_a_job_that_names_where_it_lies(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    body = {"upload_id": str(add_upload(world, place, ada)), "dry_run": True, "scorer": "ann"}
    spec = spec_of(world, ada.post(f"{place.path}/imports", body))
    assert (spec["upload_key"], spec["dry_run"]) == (f"projects/{place.id}/uploads/1", True)
    assert (spec["options"]["scorer"], spec["options"]["create_skeleton"]) == ("ann", True)


def test_a_folder_under_a_root_is_imported_in_place(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    spec = spec_of(world, ada.post(f"{place.path}/imports", {"root": "lab", "path": "old project"}))
    assert (spec["root"], spec["relative_path"], spec["dry_run"]) == ("lab", "old project", False)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"root": "lab"}, 422),
        ({"root": "lab", "path": "../outside"}, 422),
        ({"root": "lab", "path": "/etc"}, 422),
        ({"root": "lab", "path": "leak"}, 404),
        ({"root": "lab", "path": "nowhere"}, 404),
        ({"root": "elsewhere", "path": "old project"}, 404),
        ({"upload_id": str(UUID(int=7))}, 404),
    ],
)
def test_what_is_not_there_or_lies_outside_is_refused_and_leaves_no_job(
    world: Any, body: dict[str, Any], status: int
) -> None:
    ada = world.person()
    place = world.project(ada)
    assert ada.post(f"{place.path}/imports", body).status_code == status
    assert ada.get(f"{place.path}/jobs").json()["items"] == []


def test_uploads_of_others_and_of_videos_and_unfinished_ones_are_not_imported(world: Any) -> None:
    ada = world.person()
    place, other = world.project(ada), world.project(ada)
    foreign, video = add_upload(world, other, ada), add_upload(world, place, ada, purpose="video")
    unfinished = add_upload(world, place, ada, completed_at=None)
    for upload, status in ((foreign, 404), (video, 404), (unfinished, 409)):
        assert ada.post(f"{place.path}/imports", {"upload_id": str(upload)}).status_code == status


def test_an_export_of_labels_is_a_job_a_person_waits_for(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    reply = ada.post(f"{place.path}/exports", {"what": "labels", "format": "deeplabcut"})
    assert spec_of(world, reply) == {"what": "labels", "format": "deeplabcut"}
    assert reply.json()["job"]["priority"] == 0


def test_an_export_of_predictions_takes_only_ready_ones_of_this_project(world: Any) -> None:
    ada = world.person()
    ids = {}
    for name, state in (("ready", "ready"), ("running", "running"), ("foreign", "ready")):
        place = world.project(ada) if name in ("ready", "foreign") else place
        model = Model(id=uuid4(), project_id=place.id, name="M", state="ready")
        world.add(model)
        prediction = Prediction(
            id=uuid4(), project_id=place.id, model_id=model.id, video_id=world.video(place), state=state
        )
        world.add(prediction)
        ids[name] = (place, str(prediction.id))
    place, ready = ids["ready"]
    body = {"what": "predictions", "format": "csv"}
    reply = ada.post(f"{place.path}/exports", {**body, "prediction_ids": [ready]})
    assert spec_of(world, reply)["prediction_ids"] == [ready]
    for name, status in (("running", 409), ("foreign", 404)):
        assert ada.post(f"{place.path}/exports", {**body, "prediction_ids": [ids[name][1]]}).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        {"what": "labels", "format": "xml"},
        {"what": "everything", "format": "csv"},
        {"what": "labels", "format": "csv", "prediction_ids": [str(UUID(int=1))]},
        {"what": "predictions", "format": "csv", "prediction_ids": []},
    ],
)
def test_exports_that_make_no_sense_are_refused(world: Any, body: dict[str, Any]) -> None:
    ada = world.person()
    assert ada.post(f"{world.project(ada).path}/exports", body).status_code == 422


@pytest.mark.parametrize(("role", "imports", "exports"), [("viewer", 403, 403), ("annotator", 403, 202)])
def test_who_may_import_and_export(world: Any, role: str, imports: int, exports: int) -> None:
    place = world.project(world.person())
    member = world.member(place, role)
    assert member.post(f"{place.path}/imports", {"root": "lab", "path": "old project"}).status_code == imports
    assert member.post(f"{place.path}/exports", {"what": "labels", "format": "csv"}).status_code == exports
