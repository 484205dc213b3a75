"""Walks the OpenAPI document: no route is forgotten when another is added (attacks 1, 2, 6 and 7)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tailbase_api.openapi import document
from tailbase_core.tables import Table

DOCUMENT = document()

# What may be asked for without an account. Blobs are guarded by the signature in their address.
PUBLIC = {"get_health", "get_version", "login", "get_link", "use_link"}
SIGNED = {"put_part", "get_blob", "get_root_file"}

# The least role of every operation of a project. An operation that is missing here fails the test below.
_ROLES = """
viewer: get_project list_frames read_frame read_labels read_history read_version read_effort list_individuals list_jobs
viewer: read_job
viewer: download_job_artifact read_job_events list_members remove_member list_models read_model read_model_curves
viewer: download_model list_predictions read_prediction list_presets list_recordings preview_pattern get_recording
viewer: list_train_fields read_evaluation list_errors list_tracks read_measures read_comparison
viewer: get_skeleton list_trash list_videos get_video get_proxy get_source
viewer: read_prelabels read_raters read_progress read_label_checks
reviewer: assign_frames
annotator: accept_prelabels
editor: put_prelabel_settings begin_prelabel_round
annotator: save_labels change_frame add_frames create_export draw_heatmap
editor: change_project list_audit select_frames delete_frame create_import create_individual rename_individual
editor: cancel_job
editor: create_model delete_model rename_model evaluate_model create_predictions delete_prediction create_recording
editor: create_comparison
editor: delete_recording change_recording put_skeleton restore_item create_upload abort_upload get_upload
viewer: list_smoothers list_ensembles read_ensemble
editor: create_ensemble train_ensemble change_ensemble delete_ensemble run_ensemble import_predictions
editor: put_calibration delete_calibration put_camera_times delete_camera_times
editor: complete_upload register_videos delete_video change_video make_proxy relink_video read_again
owner: delete_project add_member change_member empty_trash
"""
ROLES = {
    operation: role
    for role, _, operations in (line.partition(": ") for line in _ROLES.strip().splitlines())
    for operation in operations.split()
}
# Its project is in the trash, where no role can be read from it; the owner is found by their membership.
HIDDEN = {"restore_project"}
RANKS = ("viewer", "annotator", "reviewer", "editor", "owner")


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    spec: dict[str, Any]

    @property
    def of_project(self) -> bool:
        return "{project_id}" in self.path

    def url(self, project: object = None) -> str:
        """The address with random ids, below the given project."""
        parts = {"project_id": project or uuid4(), "kind": "video", "number": 1, "name": "x", "path": "x", "key": "x"}
        path = self.path
        for parameter in self.spec.get("parameters", []):
            if parameter["in"] == "path":
                name = parameter["name"]
                path = path.replace(f"{{{name}}}", str(parts.get(name, uuid4())))
        return path


def _operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, spec in methods.items():
            yield Operation(spec["operationId"], method.upper(), path, spec)


ALL = sorted(_operations(), key=lambda o: o.id)


def named(operations):
    return pytest.mark.parametrize("operation", operations, ids=lambda o: o.id)


def call(person, operation, project=None, **options):
    body = {"json": {}} if operation.method in ("POST", "PUT", "PATCH") and operation.id not in SIGNED else {}
    return person.request(operation.method, operation.url(project), **body, **options)


def rows(sessions):
    with sessions() as session:
        return {t.name: session.query(t).count() for t in Table.metadata.sorted_tables if t.name != "login_sessions"}


@named([o for o in ALL if o.id not in PUBLIC | SIGNED])
def test_nobody_gets_in_without_an_account(nobody, refused, operation):
    refused(call(nobody, operation), 401, "auth.required")
    forged = {"Authorization": "Bearer tb_forged", "Cookie": "tailbase_session=forged"}
    refused(call(nobody, operation, headers=forged), 401, "auth.required")


@named([o for o in ALL if o.id in SIGNED])
def test_files_need_a_signature(nobody, refused, operation):
    query = {"expires": 2**33, "signature": "0" * 64, "size": 1}
    refused(nobody.request(operation.method, operation.url(), params=query), 403, "link.expired")
    refused(nobody.request(operation.method, operation.url()), 422, "request.invalid")


@named([o for o in ALL if o.of_project])
def test_a_strangers_project_cannot_be_told_from_one_that_does_not_exist(stranger, place, operation, sessions):
    before = rows(sessions)
    theirs, none = call(stranger, operation, place.id), call(stranger, operation)
    assert theirs.status_code == none.status_code == 404, theirs.text
    assert theirs.json() | {"request_id": ""} == none.json() | {"request_id": ""}
    assert rows(sessions) == before


def test_the_role_of_every_operation_is_written_down():
    assert {o.id for o in ALL if o.of_project} == set(ROLES) | HIDDEN


@pytest.mark.parametrize("role", RANKS)
def test_a_role_may_do_what_it_needs_and_nothing_more(world, place, sessions, role):
    """Random ids and empty bodies: who is let in meets 404, 422 or an answer, never 401 or 403."""
    person = world.member(place, role)
    refused_ids = set()
    for operation in ALL:
        if operation.of_project and operation.id not in HIDDEN | {"delete_project", "empty_trash", "remove_member"}:
            status = call(person, operation, place.id).status_code
            assert status not in (401, 500), operation.id
            if status == 403:
                refused_ids.add(operation.id)
    allowed = {id for id, least in ROLES.items() if RANKS.index(least) <= RANKS.index(role)}
    assert refused_ids == set(ROLES) - allowed - {"delete_project", "empty_trash", "remove_member"}


@pytest.mark.parametrize("role", ["viewer", "annotator", "reviewer", "editor"])
def test_only_owners_delete_the_project_and_empty_its_trash(world, place, refused, role):
    person = world.member(place, role)
    refused(person.delete(place.path), 403, "auth.forbidden")
    refused(person.delete(f"{place.path}/trash"), 403, "auth.forbidden")
    refused(person.delete(f"{place.path}/members/{uuid4()}"), 403, "auth.forbidden")


def _bodies() -> Iterator[Any]:
    for operation in ALL:
        content = operation.spec.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            yield pytest.param(operation, content["application/json"]["schema"], id=operation.id)


@pytest.mark.parametrize(("operation", "schema"), list(_bodies()))
def test_bodies_take_no_field_they_do_not_name(operation, schema):
    for part in _objects(schema):
        assert part.get("additionalProperties") is not None, f"{operation.id}: {part.get('title')}"
        assert part.get("additionalProperties") is not True or not part.get("properties"), part.get("title")


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    """All object schemas a body may hold."""
    seen: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            if (ref := part.get("$ref")) and ref not in seen:
                seen.add(ref)
                waiting.append(DOCUMENT["components"]["schemas"][ref.rsplit("/", 1)[1]])
            if part.get("type") == "object" and "properties" in part:
                yield part
            waiting.extend(value for key, value in part.items() if key not in ("default", "example", "examples"))


@named([o for o in ALL if o.of_project and o.method in ("POST", "PUT", "PATCH")])
def test_an_owner_cannot_set_what_is_not_theirs_to_set(owner, place, operation):
    body = {"role": "owner", "owner_id": str(owner.id), "version": 9, "state": "ready", "project_id": str(uuid4())}
    reply = owner.request(operation.method, operation.url(place.id), json=body, headers={"If-Match": '"v0"'})
    assert reply.status_code in (404, 422) or "requestBody" not in operation.spec, reply.text
    assert reply.status_code < 500


@named([o for o in ALL if o.method == "GET" and o.id not in SIGNED])
def test_values_that_mean_nothing_are_refused_and_never_crash(owner, place, operation):
    for value in ("' or 1=1 --", "\x00", "../../etc/passwd", "9" * 400, "${jndi:x}", "💥"):
        query = {p["name"]: value for p in operation.spec.get("parameters", []) if p["in"] == "query"}
        if operation.id == "stream_events":
            continue
        reply = owner.request("GET", operation.url(place.id), params=query)
        assert reply.status_code < 500 or operation.id == "get_health", (value, reply.text)
        assert "psycopg" not in reply.text
        assert "Traceback" not in json.dumps(reply.text)
