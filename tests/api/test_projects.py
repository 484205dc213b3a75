"""Projects, members and individuals."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tailbase_core import jobs
from tailbase_core.tables import Job


def test_a_new_project_has_its_owner_an_animal_and_its_skeleton(owner):
    skeleton = {"keypoints": [{"name": "nose", "color": "#ff0000"}]}
    reply = owner.post("/projects", {"name": "Mice", "description": "two\nlines", "skeleton": skeleton})
    project = reply.json()
    assert reply.status_code == 201
    assert (project["name"], project["role"], project["name_pattern"]) == ("Mice", "owner", "{session}")
    assert project["counts"] == {"videos": 0, "frames": 0, "labelled": 0, "models": 0}
    path = f"/projects/{project['id']}"
    assert [i["name"] for i in owner.get(f"{path}/individuals").json()["items"]] == ["animal"]
    assert [k["name"] for k in owner.get(f"{path}/skeleton").json()["keypoints"]] == ["nose"]


def test_a_list_shows_ones_own_projects_newest_first_in_pages(owner, stranger):
    for number in range(5):
        owner.post("/projects", {"name": f"P{number}"})
    first = owner.get("/projects?limit=3").json()
    second = owner.get(f"/projects?limit=3&cursor={first['next_cursor']}").json()
    names = [p["name"] for p in first["items"] + second["items"]]
    assert names == ["P4", "P3", "P2", "P1", "P0"]
    assert second["next_cursor"] is None
    assert [p["name"] for p in stranger.get("/projects").json()["items"]] == ["Reaching"]


def test_counts_leave_out_what_lies_in_the_trash(owner, world, place):
    world.video(place)
    gone = world.video(place, "gone.mp4")
    world.frame(place)
    owner.delete(f"{place.path}/videos/{gone}")
    assert owner.get(place.path).json()["counts"] == {"videos": 1, "frames": 1, "labelled": 0, "models": 0}


def test_a_frame_with_a_placed_point_counts_as_labelled(owner, world, place):
    frame = world.frame(place)
    key = {"individual_id": str(place.individual), "keypoint_id": str(place.keypoints["nose"])}
    change = {**key, "x": 1.0, "y": 2.0, "state": "visible"}
    saved = owner.patch(f"{place.path}/frames/{frame}/labels", {"changes": [change]}, headers={"If-Match": '"v0"'})
    assert saved.status_code == 200, saved.text
    assert owner.get(place.path).json()["counts"]["labelled"] == 1


def test_editors_change_name_description_and_pattern(owner, world, place, refused):
    editor = world.member(place, "editor")
    body = {"name": "Rats", "description": "", "name_pattern": "{animal}_{session}"}
    changed = editor.patch(place.path, body).json()
    assert {k: changed[k] for k in body} == body
    refused(world.member(place, "annotator").patch(place.path, body), 403, "auth.forbidden")


@pytest.mark.parametrize("pattern", ["no field", "{a}{b}", "{a}_{a}", "{A}", "{a", "{}", "{view}*{x}"])
def test_a_pattern_that_cannot_work_is_refused(owner, place, refused, pattern):
    problem = refused(owner.patch(place.path, {"name_pattern": pattern}), 422, "pattern.invalid")
    assert problem["field"] == "name_pattern"


def test_a_deleted_project_is_gone_until_its_owner_restores_it(owner, world, place, refused):
    viewer = world.member(place, "viewer")
    world.video(place, blob_key="projects/x/source", size_bytes=1000)
    assert owner.delete(place.path).json() == {"bytes_freed": 1000}
    refused(owner.get(place.path), 404, "not_found")
    assert owner.get("/projects").json()["items"] == []
    assert [p["id"] for p in owner.get("/projects?trashed=true").json()["items"]] == [str(place.id)]
    assert viewer.get("/projects?trashed=true").json()["items"] == []
    refused(viewer.post(f"{place.path}/trash/project/{place.id}/restore"), 404, "not_found")
    assert owner.post(f"{place.path}/trash/project/{place.id}/restore").status_code == 200
    assert viewer.get(place.path).status_code == 200


def test_deleting_a_project_cancels_its_jobs(owner, place, sessions):
    with sessions.begin() as session:
        jobs.enqueue(session, project_id=place.id, user_id=owner.id, kind="train", spec={})
    owner.delete(place.path)
    with sessions() as session:
        assert session.scalar(select(Job.state)) == "cancelled"


def test_individuals_are_named_once(owner, place, refused):
    assert owner.post(f"{place.path}/individuals", {"name": "mouse 2"}).json()["position"] == 1
    refused(owner.post(f"{place.path}/individuals", {"name": "mouse 2"}), 409, "individual.exists")


def test_an_individual_is_renamed_to_what_no_other_is_called(owner, place, refused):
    other = owner.post(f"{place.path}/individuals", {"name": "mouse 2"}).json()["id"]
    path = f"{place.path}/individuals/{other}"
    assert owner.patch(path, {"name": "white"}).json()["name"] == "white"
    assert owner.patch(path, {"name": "white"}).status_code == 200
    refused(owner.patch(path, {"name": "animal"}), 409, "individual.exists")
    refused(owner.patch(f"{place.path}/individuals/{uuid4()}", {"name": "black"}), 404, "not_found")


def test_somebody_with_an_account_becomes_a_member_at_once(owner, stranger, place):
    reply = owner.post(f"{place.path}/members", {"email": stranger.email.upper(), "role": "annotator"})
    assert reply.status_code == 201
    assert reply.json()["member"]["user_id"] == str(stranger.id)
    assert reply.json()["invite_url"] is None
    assert stranger.get(place.path).json()["role"] == "annotator"


def test_somebody_without_an_account_gets_a_link_that_makes_one(owner, nobody, place):
    reply = owner.post(f"{place.path}/members", {"email": "new@lab.example", "role": "reviewer"}).json()
    token = reply["invite_url"].partition("link=")[2]
    looked = nobody.get(f"/auth/link/{token}").json()
    assert looked["needs"] == ["name", "password"]
    assert (looked["email"], looked["project_name"]) == ("new@lab.example", "Reaching")
    joined = nobody.post("/auth/link", {"token": token, "name": "New", "password": "a long enough one"})
    assert joined.json()["user"]["email"] == "new@lab.example"
    roles = {m["email"]: m["role"] for m in owner.get(f"{place.path}/members").json()["items"]}
    assert roles["new@lab.example"] == "reviewer"


def test_an_invitation_to_an_account_made_since_needs_its_password(owner, nobody, world, place, refused):
    url = owner.post(f"{place.path}/members", {"email": "late@lab.example", "role": "editor"}).json()["invite_url"]
    second = world.person()
    members = f"{world.project(second).path}/members"
    second_url = second.post(members, {"email": "late@lab.example", "role": "viewer"}).json()["invite_url"]
    token, second_token = url.partition("link=")[2], second_url.partition("link=")[2]
    nobody.post("/auth/link", {"token": token, "name": "Late", "password": "a long enough one"})
    refused(nobody.post("/auth/link", {"token": second_token, "password": "a wrong guess"}), 401, "auth.wrong")
    right = {"token": second_token, "password": "a long enough one"}
    assert nobody.post("/auth/link", right).status_code == 200


def test_only_owners_change_members(owner, world, place, refused):
    editor = world.member(place, "editor")
    body = {"email": "x@lab.example", "role": "owner"}
    refused(editor.post(f"{place.path}/members", body), 403, "auth.forbidden")
    refused(editor.patch(f"{place.path}/members/{editor.id}", {"role": "owner"}), 403, "auth.forbidden")
    refused(editor.delete(f"{place.path}/members/{owner.id}"), 403, "auth.forbidden")


def test_the_last_owner_stays(owner, world, place, refused):
    path = f"{place.path}/members/{owner.id}"
    refused(owner.delete(path), 409, "member.last_owner")
    refused(owner.patch(path, {"role": "viewer"}), 409, "member.last_owner")
    second = world.member(place, "owner")
    assert owner.patch(path, {"role": "viewer"}).json()["role"] == "viewer"
    refused(second.delete(f"{place.path}/members/{second.id}"), 409, "member.last_owner")


def test_anybody_may_leave_and_sees_nothing_from_then_on(world, place, refused):
    viewer = world.member(place, "viewer")
    assert viewer.delete(f"{place.path}/members/{viewer.id}").status_code == 204
    refused(viewer.get(place.path), 404, "not_found")


def test_a_member_who_is_none_cannot_be_changed(owner, place, refused):
    refused(owner.patch(f"{place.path}/members/{uuid4()}", {"role": "viewer"}), 404, "not_found")


def test_the_audit_trail_tells_who_did_what(owner, world, place, refused):
    editor = world.member(place, "editor")
    editor.patch(place.path, {"name": "Rats"})
    latest = owner.get(f"{place.path}/audit").json()["items"][0]
    assert (latest["user"], latest["action"]) == ("Ada", "project.change")
    assert latest["details"] == {"changed": ["name"]}
    refused(world.member(place, "viewer").get(f"{place.path}/audit"), 403, "auth.forbidden")


def test_a_strangers_project_looks_like_one_that_never_was(stranger, place):
    theirs, none = stranger.get(place.path).json(), stranger.get(f"/projects/{UUID(int=5)}").json()
    assert {**theirs, "request_id": ""} == {**none, "request_id": ""}
