"""The trash: what goes in together comes out together, and what is emptied is gone."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from tailbase_core import jobs
from tailbase_core.housekeeping import sweep
from tailbase_core.tables import Frame, Job, LabelSet, Model, Prediction, Project, Recording, Video

TABLES = (Project, Recording, Video, Frame, Model, Prediction)


@pytest.fixture
def store(client):
    return client.app.state.services.store


def put_video(world, place, store, name="reach.mp4"):
    id = uuid4()
    key = f"projects/{place.id}/videos/{id}/source"
    store.put_bytes(key, b"x" * 1000)
    return world.video(place, name, id=id, blob_key=key, size_bytes=1000, proxy_bytes=100)


def put_frame(world, place, store, video=None, *, labelled=False, index=1):
    id = uuid4()
    store.put_bytes(f"projects/{place.id}/frames/{id}/image.png", b"x" * 10)
    world.frame(place, id=id, video_id=video, frame_index=index, size_bytes=10)
    if labelled:
        points = {f"{place.individual}/{place.keypoints['nose']}": {"x": 1, "y": 1, "state": "visible"}}
        world.add(LabelSet(project_id=place.id, frame_id=id, version=1, points=points))
    return id


def put_prediction(world, place, store, sessions, video):
    with sessions.begin() as session:
        job = jobs.enqueue(session, project_id=place.id, user_id=None, kind="predict", spec={})
    store.put_bytes(f"jobs/{job.id}/1/block.bin", b"x" * 500)
    model = Model(id=uuid4(), project_id=place.id, name="net", state="ready", spec={}, skeleton={}, size_bytes=7)
    world.add(model)
    prediction = Prediction(
        id=uuid4(), project_id=place.id, model_id=model.id, video_id=video, state="ready", size_bytes=500, job_id=job.id
    )
    world.add(prediction)
    return prediction.id


def trash(owner, place):
    return [(i["kind"], i["id"], i["size_bytes"]) for i in owner.get(f"{place.path}/trash").json()["items"]]


def alive(sessions, table):
    with sessions() as session:
        return set(session.scalars(select(table.id).where(table.deleted_at.is_(None))))


def files(settings):
    return sorted(path.name for path in settings.data_dir.rglob("*") if path.is_file())


def test_a_deleted_video_takes_its_unlabelled_frames_and_predictions_along(owner, world, place, store, sessions):
    video = put_video(world, place, store)
    put_frame(world, place, store, video)
    kept = put_frame(world, place, store, video, labelled=True, index=2)
    put_prediction(world, place, store, sessions, video)
    assert owner.delete(f"{place.path}/videos/{video}").json() == {"bytes_freed": 1000 + 100 + 10 + 500}
    assert trash(owner, place) == [("video", str(video), 1610)]
    assert alive(sessions, Frame) == {kept}
    assert alive(sessions, Prediction) == set()


def test_restoring_it_brings_all_of_that_back(owner, world, place, store, sessions):
    video = put_video(world, place, store)
    frame = put_frame(world, place, store, video)
    prediction = put_prediction(world, place, store, sessions, video)
    owner.delete(f"{place.path}/videos/{video}")
    assert owner.post(f"{place.path}/trash/video/{video}/restore").json() == {"kind": "video", "id": str(video)}
    assert (alive(sessions, Video), alive(sessions, Frame)) == ({video}, {frame})
    assert alive(sessions, Prediction) == {prediction}
    assert trash(owner, place) == []


def test_what_was_deleted_before_stays_in_the_trash(owner, world, place, store, sessions):
    video = put_video(world, place, store)
    earlier = put_frame(world, place, store, video)
    owner.delete(f"{place.path}/frames/{earlier}")
    owner.delete(f"{place.path}/videos/{video}")
    assert {kind for kind, _, _ in trash(owner, place)} == {"video", "frame"}
    owner.post(f"{place.path}/trash/video/{video}/restore")
    assert alive(sessions, Frame) == set()


def test_a_deleted_recording_takes_everything_along_and_back(owner, world, place, store, sessions):
    video = put_video(world, place, store)
    frame = put_frame(world, place, store, video, labelled=True)
    picture = put_frame(world, place, store, labelled=True, index=None)
    prediction = put_prediction(world, place, store, sessions, video)
    path = f"{place.path}/recordings/{place.recording}"
    assert owner.delete(path).json() == {"bytes_freed": 1000 + 100 + 20 + 500}
    assert trash(owner, place) == [("recording", str(place.recording), 1620)]
    assert alive(sessions, Frame) == set()
    owner.post(f"{place.path}/trash/recording/{place.recording}/restore")
    assert (alive(sessions, Video), alive(sessions, Frame)) == ({video}, {frame, picture})
    assert alive(sessions, Prediction) == {prediction}


def test_deleting_a_video_cancels_the_predictions_under_way(owner, world, place, store, sessions):
    video = put_video(world, place, store)
    put_prediction(world, place, store, sessions, video)
    owner.delete(f"{place.path}/videos/{video}")
    with sessions() as session:
        assert session.scalar(select(Job.state)) == "cancelled"


def test_a_frame_of_a_deleted_video_waits_for_its_video(owner, world, place, store, refused):
    video = put_video(world, place, store)
    frame = put_frame(world, place, store, video)
    owner.delete(f"{place.path}/frames/{frame}")
    owner.delete(f"{place.path}/videos/{video}")
    refused(owner.post(f"{place.path}/trash/frame/{frame}/restore"), 409, "trash.parent")
    owner.post(f"{place.path}/trash/video/{video}/restore")
    assert owner.post(f"{place.path}/trash/frame/{frame}/restore").status_code == 200


def test_what_lies_there_is_listed_latest_first_in_pages(owner, world, place):
    ids = [str(world.video(place, f"v{n}")) for n in range(5)]
    for id in ids:
        owner.delete(f"{place.path}/videos/{id}")
    first = owner.get(f"{place.path}/trash?limit=3").json()
    second = owner.get(f"{place.path}/trash?limit=3&cursor={first['next_cursor']}").json()
    assert [i["id"] for i in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None


def test_emptying_frees_the_files_and_nothing_comes_back(owner, world, place, store, sessions, settings, refused):
    video = put_video(world, place, store)
    kept = put_frame(world, place, store, video, labelled=True)
    put_prediction(world, place, store, sessions, video)
    owner.delete(f"{place.path}/videos/{video}")
    assert owner.delete(f"{place.path}/trash").json() == {"bytes_freed": 1600}
    refused(owner.post(f"{place.path}/trash/video/{video}/restore"), 404, "not_found")
    assert trash(owner, place) == []
    assert files(settings) == ["image.png"]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Video)) == 0
        frame = session.get(Frame, kept)
    assert (frame.video_id, frame.source_path) == (None, "reach.mp4#1")


def test_after_its_days_the_trash_empties_itself(owner, world, place, store, sessions, settings):
    gone, fresh = put_video(world, place, store, "old"), put_video(world, place, store, "fresh")
    for id in (gone, fresh):
        owner.delete(f"{place.path}/videos/{id}")
    old = datetime.now(UTC) - timedelta(days=settings.trash_days, seconds=1)
    with sessions.begin() as session:
        session.get(Video, gone).deleted_at = old
    assert [id for _, id, _ in trash(owner, place)] == [str(fresh)]
    assert sweep(sessions, store, settings) == 1000
    with sessions() as session:
        assert set(session.scalars(select(Video.id))) == {fresh}


def test_a_deleted_project_leaves_no_row_and_no_file(owner, world, place, store, sessions, settings):
    video = put_video(world, place, store)
    put_frame(world, place, store, video, labelled=True)
    put_prediction(world, place, store, sessions, video)
    owner.delete(place.path)
    with sessions.begin() as session:
        session.execute(text("update projects set deleted_at = 'epoch'"))
    sweep(sessions, store, settings)
    assert files(settings) == []
    with sessions() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in TABLES] == [0] * 6


def test_who_may_restore_and_who_may_empty(world, place, refused):
    video = world.video(place)
    editor, annotator = world.member(place, "editor"), world.member(place, "annotator")
    editor.delete(f"{place.path}/videos/{video}")
    refused(annotator.post(f"{place.path}/trash/video/{video}/restore"), 403, "auth.forbidden")
    refused(editor.delete(f"{place.path}/trash"), 403, "auth.forbidden")
    assert editor.post(f"{place.path}/trash/video/{video}/restore").status_code == 200


def test_what_was_not_deleted_cannot_be_restored(owner, world, place, refused):
    refused(owner.post(f"{place.path}/trash/video/{world.video(place)}/restore"), 404, "not_found")
    refused(owner.post(f"{place.path}/trash/user/{owner.id}/restore"), 422, "request.invalid")
