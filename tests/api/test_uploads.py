"""Uploads in parts through the local driver: resumed, verified, counted."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

import pytest
from pydantic import ByteSize
from sqlalchemy import func, select, update

from tailbase_core.housekeeping import sweep
from tailbase_core.settings import UploadLimits
from tailbase_core.tables import Job, Recording, Upload, Video

DATA = os.urandom(2500)


@pytest.fixture
def settings(settings):
    """Parts of 1000 bytes, so that small files have several."""
    return settings.model_copy(
        update={
            "uploads": UploadLimits(
                part_bytes=ByteSize(1000), max_bytes=ByteSize(100_000), quota_bytes=ByteSize(150_000)
            )
        }
    )


@pytest.fixture
def uploads(place):
    return f"{place.path}/uploads"


def begin(owner, uploads, data=DATA, **more):
    reply = owner.post(uploads, {"filename": "a.mp4", "size_bytes": len(data), **more})
    assert reply.status_code == 201, reply.text
    return reply.json()


def send(nobody, upload, data=DATA, numbers=None):
    """PUT the parts the reply asks for; whoever holds the address may."""
    for part in upload["parts"]:
        if numbers is None or part["number"] in numbers:
            start = (part["number"] - 1) * upload["part_bytes"]
            reply = nobody.request("PUT", part["url"], content=data[start : start + part["size"]])
            assert reply.status_code == 200, reply.text
            assert reply.headers["etag"]


def rows(sessions, table):
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_video_arrives_in_parts_and_is_looked_at_by_a_job(owner, nobody, uploads, client, sessions):
    upload = begin(owner, uploads)
    assert (upload["part_bytes"], upload["parts_total"]) == (1000, 3)
    assert [part["size"] for part in upload["parts"]] == [1000, 1000, 500]
    send(nobody, upload)
    done = owner.post(f"{uploads}/{upload['upload_id']}/complete")
    assert done.status_code == 202
    assert (done.json()["video"]["state"], done.json()["job"]["kind"]) == ("processing", "ingest")
    with sessions() as session:
        video = session.get(Video, upload["video_id"])
        assert session.scalar(select(Job.spec)) == {"video_id": upload["video_id"]}
    path = client.app.state.services.store.local_path(video.blob_key)
    assert path.read_bytes() == DATA
    assert video.name not in video.blob_key


def test_what_arrived_is_not_asked_for_again(owner, nobody, uploads):
    upload = begin(owner, uploads)
    send(nobody, upload, numbers={1, 3})
    again = owner.get(f"{uploads}/{upload['upload_id']}").json()
    assert [p["number"] for p in again["received"]] == [1, 3]
    assert [p["number"] for p in again["parts"]] == [2]
    send(nobody, again)
    assert owner.post(f"{uploads}/{upload['upload_id']}/complete").status_code == 202


def test_completing_twice_answers_the_same_and_makes_one_job(owner, nobody, uploads, sessions):
    upload = begin(owner, uploads)
    send(nobody, upload)
    first, second = (owner.post(f"{uploads}/{upload['upload_id']}/complete").json() for _ in range(2))
    assert first["job"]["id"] == second["job"]["id"]
    assert rows(sessions, Job) == 1


def test_a_missing_part_is_named_and_nothing_is_made(owner, nobody, uploads, sessions, refused):
    upload = begin(owner, uploads)
    send(nobody, upload, numbers={1, 3})
    problem = refused(owner.post(f"{uploads}/{upload['upload_id']}/complete"), 422, "upload.incomplete")
    assert problem["missing"] == [2]
    assert rows(sessions, Job) == 0


@pytest.mark.parametrize("length", [0, 999, 1001])
def test_a_part_of_another_length_is_refused_and_not_kept(owner, nobody, uploads, length):
    upload = begin(owner, uploads)
    reply = nobody.request("PUT", upload["parts"][0]["url"], content=b"x" * length)
    assert reply.status_code in (409, 413), reply.text
    assert owner.get(f"{uploads}/{upload['upload_id']}").json()["received"] == []


def test_an_address_of_a_part_cannot_be_changed(owner, nobody, uploads, refused):
    url = urlsplit(begin(owner, uploads)["parts"][0]["url"])
    query = dict(pair.split("=") for pair in url.query.split("&"))
    changed = [
        url._replace(path=url.path[:-1] + "2"),
        url._replace(query=urlencode(query | {"size": "5000"})),
        url._replace(query=urlencode(query | {"expires": str(int(query["expires"]) + 1)})),
        url._replace(query=urlencode(query | {"signature": "0" * 64})),
    ]
    for address in changed:
        refused(nobody.request("PUT", urlunsplit(address), content=b"x" * 1000), 403, "link.expired")


def test_parts_sent_after_completion_change_nothing(owner, nobody, uploads, client, sessions, refused):
    upload = begin(owner, uploads)
    send(nobody, upload)
    owner.post(f"{uploads}/{upload['upload_id']}/complete")
    refused(nobody.request("PUT", upload["parts"][0]["url"], content=b"x" * 1000), 409, "upload.gone")


def test_an_archive_for_an_import_makes_no_video(owner, nobody, uploads, sessions):
    upload = begin(owner, uploads, filename="project.zip", purpose="import")
    assert upload["video_id"] is None
    send(nobody, upload)
    done = owner.post(f"{uploads}/{upload['upload_id']}/complete")
    assert done.status_code == 200
    assert done.json() == {"upload_id": upload["upload_id"], "video": None, "job": None}
    assert rows(sessions, Video) == 0


def test_aborting_leaves_no_row_and_no_file(owner, nobody, uploads, sessions, settings, refused):
    before = rows(sessions, Recording)
    upload = begin(owner, uploads)
    send(nobody, upload, numbers={1})
    assert owner.delete(f"{uploads}/{upload['upload_id']}").status_code == 204
    assert (rows(sessions, Upload), rows(sessions, Video), rows(sessions, Recording)) == (0, 0, before)
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]
    refused(owner.delete(f"{uploads}/{upload['upload_id']}"), 404, "not_found")


def test_an_empty_or_too_large_file_is_refused_at_once(owner, uploads, sessions, refused):
    refused(owner.post(uploads, {"filename": "a.mp4", "size_bytes": 0}), 422, "upload.empty")
    refused(owner.post(uploads, {"filename": "a.mp4", "size_bytes": 100_001}), 413, "upload.too_large")
    assert rows(sessions, Upload) == 0


def test_open_uploads_count_against_the_quota(owner, uploads, refused):
    body = {"filename": "a.mp4", "size_bytes": 90_000}
    first = owner.post(uploads, body).json()
    refused(owner.post(uploads, body), 429, "upload.quota")
    owner.delete(f"{uploads}/{first['upload_id']}")
    assert owner.post(uploads, body).status_code == 201


def test_a_project_has_a_bounded_number_of_open_uploads(owner, uploads, sessions, refused):
    begin(owner, uploads, b"x")
    with sessions.begin() as session:
        one = session.scalar(select(Upload))
        columns = {c.name: getattr(one, c.name) for c in Upload.__table__.columns if c.name not in ("id", "video_id")}
        session.add_all(Upload(**columns) for _ in range(199))
    refused(owner.post(uploads, {"filename": "a.mp4", "size_bytes": 1}), 429, "upload.quota")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.mp4", "C:\\videos\\x.mp4", "/abs/x.mp4", "-i x.mp4;rm"]
)
def test_a_hostile_file_name_is_text_and_never_a_path(owner, nobody, uploads, settings, name, sessions):
    upload = begin(owner, uploads, b"x", filename=name)
    send(nobody, upload, b"x")
    owner.post(f"{uploads}/{upload['upload_id']}/complete")
    with sessions() as session:
        video = session.scalar(select(Video))
    assert "/" not in video.name
    assert "\\" not in video.name
    assert video.blob_key == f"projects/{video.project_id}/videos/{video.id}/source"


def test_annotators_do_not_upload(world, place, uploads, refused):
    body = {"filename": "a.mp4", "size_bytes": 1}
    refused(world.member(place, "annotator").post(uploads, body), 403, "auth.forbidden")


def test_a_strangers_upload_is_not_found(owner, world, uploads, refused):
    upload = begin(owner, uploads)
    other = world.person()
    theirs = f"{world.project(other).path}/uploads/{upload['upload_id']}"
    refused(other.get(theirs), 404, "not_found")
    refused(other.post(f"{theirs}/complete"), 404, "not_found")
    refused(other.delete(theirs), 404, "not_found")


def test_an_abandoned_upload_is_swept_away_with_its_video(owner, nobody, uploads, sessions, settings, client):
    before = rows(sessions, Recording)
    upload = begin(owner, uploads)
    send(nobody, upload, numbers={1})
    store = client.app.state.services.store
    sweep(sessions, store, settings)
    assert rows(sessions, Upload) == 1
    with sessions.begin() as session:
        session.execute(update(Upload).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    sweep(sessions, store, settings)
    assert (rows(sessions, Upload), rows(sessions, Video), rows(sessions, Recording)) == (0, 0, before)
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]


def test_the_announced_checksum_is_kept_for_the_worker_to_compare(owner, uploads, sessions, refused):
    digest = hashlib.sha256(DATA).hexdigest()
    begin(owner, uploads, sha256=digest)
    with sessions() as session:
        assert session.scalar(select(Upload.sha256)) == digest
    refused(owner.post(uploads, {"filename": "a", "size_bytes": 1, "sha256": "short"}), 422, "request.invalid")
