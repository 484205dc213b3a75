"""Videos: shown, changed, played."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from tailbase_core.tables import Job, Video


@pytest.fixture
def store(client):
    return client.app.state.services.store


def test_a_video_is_shown_with_its_recording_and_its_frame_rate_as_a_fraction(owner, world, place):
    id = world.video(place, fps_num=30000, fps_den=1001, poster_key="projects/p/videos/v/poster.jpg")
    video = owner.get(f"{place.path}/videos/{id}").json()
    assert (video["fps"], round(video["fps_value"], 3)) == ("30000/1001", 29.97)
    assert video["recording"]["name"] == "monday"
    assert video["poster_url"].startswith("/api/v1/blobs/projects/p/videos/v/poster.jpg?")
    assert (video["in_place"], video["has_proxy"], video["crop"]) == (False, False, None)


def test_a_list_is_filtered_by_state_and_recording(owner, world, place):
    ready = world.video(place)
    bad = world.video(place, state="rejected", error_code="video.format", error_detail="Not a video.")
    path = f"{place.path}/videos"
    assert [v["id"] for v in owner.get(f"{path}?state=rejected").json()["items"]] == [str(bad)]
    listed = {v["id"] for v in owner.get(f"{path}?recording={place.recording}").json()["items"]}
    assert listed == {str(ready), str(bad)}
    assert owner.get(f"{path}?recording={uuid4()}").json()["items"] == []


def test_a_filter_that_does_not_exist_is_refused(owner, place, refused):
    refused(owner.get(f"{place.path}/videos?state=secret"), 422, "request.invalid")


def test_pages_neither_repeat_nor_lose_videos_that_came_at_the_same_moment(owner, world, place, sessions):
    ids = {str(world.video(place, f"v{n}")) for n in range(7)}
    with sessions.begin() as session:
        session.execute(update(Video).values(created_at=func.now()))
    seen, cursor = [], ""
    while cursor is not None:
        reply = owner.get(f"{place.path}/videos?limit=3{cursor}").json()
        seen += [v["id"] for v in reply["items"]]
        cursor = f"&cursor={reply['next_cursor']}" if reply["next_cursor"] else None
    assert len(seen) == 7
    assert set(seen) == ids


@pytest.mark.parametrize("cursor", ["x", "bm9wZQ", "WzEsMl0", "W10", "eyJhIjoxfQ", "%00", "W251bGwsbnVsbF0"])
def test_a_cursor_that_is_not_ours_is_refused(owner, place, refused, cursor):
    refused(owner.get(f"{place.path}/videos?cursor={cursor}"), 422, "cursor.invalid")


def test_name_view_recording_and_crop_can_be_changed_and_cleared(owner, world, place):
    path = f"{place.path}/videos/{world.video(place)}"
    other = owner.post(f"{place.path}/recordings", {"name": "day 2"}).json()["id"]
    crop = {"x": 10, "y": 20, "width": 100, "height": 50}
    video = owner.patch(path, {"name": "new", "view": "side", "recording_id": other, "crop": crop}).json()
    assert (video["name"], video["view"], video["recording"]["name"], video["crop"]) == ("new", "side", "day 2", crop)
    video = owner.patch(path, {"view": None, "crop": None}).json()
    assert (video["name"], video["view"], video["crop"]) == ("new", None, None)


def test_a_crop_must_lie_within_the_video(owner, world, place, refused):
    path = f"{place.path}/videos/{world.video(place)}"
    refused(owner.patch(path, {"crop": {"x": 600, "y": 0, "width": 100, "height": 10}}), 422, "crop.outside")
    refused(owner.patch(path, {"crop": {"x": -1, "y": 0, "width": 9, "height": 9}}), 422, "request.invalid")
    assert owner.get(path).json()["crop"] is None


def test_a_crop_is_large_enough_for_a_network_to_see_something(owner, world, place, refused):
    path = f"{place.path}/videos/{world.video(place)}"
    reply = refused(owner.patch(path, {"crop": {"x": 0, "y": 0, "width": 31, "height": 64}}), 422, "crop.small")
    assert reply["field"] == "crop"
    assert owner.patch(path, {"crop": {"x": 0, "y": 0, "width": 32, "height": 32}}).status_code == 200


def test_a_video_that_was_not_read_yet_is_not_cropped(owner, world, place, refused):
    path = f"{place.path}/videos/{world.video(place, state='processing', width=None, height=None)}"
    refused(owner.patch(path, {"crop": {"x": 0, "y": 0, "width": 64, "height": 64}}), 409, "video.not_ready")


@pytest.mark.parametrize("role", ["viewer", "reviewer", "annotator"])
def test_who_may_not_edit_sees_a_crop_and_does_not_change_it(owner, world, place, refused, role):
    crop = {"x": 10, "y": 20, "width": 100, "height": 50}
    path = f"{place.path}/videos/{world.video(place, crop=crop)}"
    member = world.member(place, role)
    assert member.get(path).json()["crop"] == crop
    refused(member.patch(path, {"crop": None}), 403, "auth.forbidden")


def test_strangers_do_not_learn_whether_a_video_has_a_crop(world, place, refused):
    path = f"{place.path}/videos/{world.video(place)}"
    refused(world.person().patch(path, {"crop": None}), 404, "not_found")


def test_a_frame_tells_the_crop_of_its_video(owner, world, place):
    crop = {"x": 10, "y": 20, "width": 100, "height": 50}
    frame = world.frame(place, video_id=world.video(place, crop=crop))
    assert owner.get(f"{place.path}/frames/{frame}").json()["video"]["crop"] == crop
    assert owner.get(f"{place.path}/frames").json()["items"][0]["video"]["crop"] == crop


def test_a_recording_of_another_project_is_not_found(owner, world, place, refused):
    path = f"{place.path}/videos/{world.video(place)}"
    other = world.project(world.person())
    refused(owner.patch(path, {"recording_id": str(other.recording)}), 404, "not_found")


def test_state_and_place_of_a_video_cannot_be_set(owner, world, place, refused):
    path = f"{place.path}/videos/{world.video(place)}"
    for field in ("state", "blob_key", "project_id", "sha256"):
        assert refused(owner.patch(path, {field: "x"}), 422, "request.invalid")["field"] == field


def test_the_first_who_wants_to_play_a_video_has_the_proxy_made_once(owner, world, place, sessions):
    path = f"{place.path}/videos/{world.video(place)}/proxy"
    first, second = owner.get(path), world.member(place, "viewer").get(path)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["job"]["id"] == second.json()["job"]["id"]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_finished_proxy_is_answered_with_its_address(owner, nobody, world, place, store):
    id = world.video(place, proxy_key="projects/p/videos/v/proxy.mp4")
    store.put_bytes("projects/p/videos/v/proxy.mp4", b"0123456789")
    reply = owner.get(f"{place.path}/videos/{id}/proxy")
    assert reply.status_code == 200
    assert (reply.json()["frame_count"], reply.json()["fps"]) == (100, "30/1")
    video = nobody.get(reply.json()["url"], headers={"Range": "bytes=2-4"})
    assert (video.status_code, video.content) == (206, b"234")
    assert video.headers["content-type"] == "video/mp4"


def test_a_proxy_that_failed_says_so_until_somebody_asks_anew(owner, world, place, sessions, refused):
    path = f"{place.path}/videos/{world.video(place)}/proxy"
    owner.get(path)
    with sessions.begin() as session:
        session.execute(update(Job).values(state="failed", error_code="video.decode", error_detail="It broke."))
    assert refused(owner.get(path), 409, "proxy.failed")["detail"] == "It broke."
    assert owner.post(path).status_code == 202
    assert owner.get(path).status_code == 202


def test_a_video_that_is_not_ready_cannot_be_played(owner, world, place, refused):
    id = world.video(place, state="processing")
    refused(owner.get(f"{place.path}/videos/{id}/proxy"), 409, "video.not_ready")


def test_the_source_of_an_upload_downloads_under_its_own_name(owner, nobody, world, place, store):
    store.put_bytes("projects/p/videos/v/source", b"film")
    id = world.video(place, "föö.mp4", blob_key="projects/p/videos/v/source")
    url = owner.get(f"{place.path}/videos/{id}/source").json()["url"]
    reply = nobody.get(url)
    assert reply.content == b"film"
    assert reply.headers["content-disposition"].endswith("filename*=UTF-8''f%C3%B6%C3%B6.mp4")
    assert "immutable" in reply.headers["cache-control"]
    assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_video_of_another_project_is_not_found_under_ones_own(owner, world, place, refused):
    theirs = world.video(world.project(world.person()))
    for method, end in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/proxy"), ("GET", "/source")):
        body = {"json": {"name": "x"}} if method == "PATCH" else {}
        refused(owner.request(method, f"{place.path}/videos/{theirs}{end}", **body), 404, "not_found")


def test_a_rejected_video_in_place_is_read_again(owner, world, place, refused):
    id = world.video(place, state="rejected", root="rig", relative_path="a.mp4", error_code="video.missing")
    reply = owner.post(f"{place.path}/videos/{id}/read")
    assert (reply.status_code, reply.json()["kind"]) == (202, "ingest")
    video = owner.get(f"{place.path}/videos/{id}").json()
    assert (video["state"], video["error_code"]) == ("processing", None)
    refused(owner.post(f"{place.path}/videos/{id}/read"), 409, "video.not_rejected")


def test_a_rejected_upload_must_be_uploaded_again(owner, world, place, refused):
    id = world.video(place, state="rejected", error_code="video.truncated")
    refused(owner.post(f"{place.path}/videos/{id}/read"), 409, "video.gone")
