"""Frames over the API: the list, choosing more, states, the trash."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_core.tables import Job, Model, Prediction


def frames_of(place: Any) -> str:
    return f"{place.path}/frames"


def label(person: Any, place: Any, frame: UUID) -> None:
    change = {"individual_id": str(place.individual), "x": 5, "y": 6, "state": "visible"}
    changes = [{**change, "keypoint_id": str(place.keypoints["nose"])}]
    path = f"{frames_of(place)}/{frame}/labels"
    assert person.patch(path, {"changes": changes}, headers={"If-Match": '"v0"'}).status_code == 200


def test_a_frame_shows_its_video_its_images_and_how_far_labelling_has_come(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    video = world.video(place, "reach.mp4")
    key = f"projects/{place.id}/frames/1"
    context = [{"offset": -1, "key": f"{key}/context-1.png"}]
    keys = {"image_key": f"{key}/image.png", "thumbnail_key": f"{key}/thumb.jpg", "context_keys": context}
    frame = world.frame(place, video_id=video, frame_index=7, **keys)
    label(ada, place, frame)
    shown = ada.get(f"{frames_of(place)}/{frame}").json()
    assert shown["video"] == {"id": str(video), "name": "reach.mp4", "crop": None}
    assert (shown["frame_index"], shown["state"]) == (7, "draft")
    assert (shown["labelled_points"], shown["total_points"]) == (1, 2)
    assert f"{key}/image.png" in shown["image_url"]
    assert [(image["offset"], "context-1" in image["url"]) for image in shown["context"]] == [(-1, True)]


def test_the_list_comes_in_pages_oldest_first_and_filters_by_state_and_video(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    video = world.video(place)
    made = [world.frame(place, video_id=video, frame_index=i) for i in range(3)]
    loose = world.frame(place, state="submitted", source_path="img01.png")
    first = ada.get(f"{frames_of(place)}?limit=2").json()
    rest = ada.get(f"{frames_of(place)}?limit=2&cursor={first['next_cursor']}").json()
    assert [item["id"] for item in first["items"] + rest["items"]] == [str(frame) for frame in [*made, loose]]
    assert rest["next_cursor"] is None
    submitted = ada.get(f"{frames_of(place)}?state=submitted").json()["items"]
    assert [(item["id"], item["video"]) for item in submitted] == [(str(loose), None)]
    assert len(ada.get(f"{frames_of(place)}?video={video}").json()["items"]) == 3


def test_choosing_frames_queues_one_interactive_job_for_each_video(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    videos = [world.video(place), world.video(place, "other.mp4")]
    body = {"video_ids": [str(v) for v in videos], "method": "kmeans", "count": 5, "start": 10, "end": 50}
    reply = ada.post(f"{frames_of(place)}/select", body)
    assert reply.status_code == 202
    jobs = reply.json()["jobs"]
    assert [(job["kind"], job["state"], job["priority"]) for job in jobs] == [("frames", "queued", 0)] * 2
    with world.sessions() as session:
        spec = session.get(Job, UUID(jobs[0]["id"])).spec
    settings = {"method": "kmeans", "count": 5, "start": 10, "end": 50, "seed": 0}
    assert spec == {"video_id": str(videos[0]), **settings}


def test_a_preview_of_several_ranges_is_asked_for_as_it_is(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    body = {"video_ids": [str(world.video(place))], "method": "kmeans", "count": 5, "preview": True}
    job = ada.post(f"{frames_of(place)}/select", body | {"ranges": [[0, 20], [50, 99]]}).json()["jobs"][0]
    with world.sessions() as session:
        spec = session.get(Job, UUID(job["id"])).spec
    assert (spec["preview"], spec["ranges"]) == (True, [[0, 20], [50, 99]])
    for wrong in ({"ranges": [[5, 5]]}, {"ranges": [[0, 9]], "start": 3}, {"count": 201}, {"ranges": [[90, 101]]}):
        assert ada.post(f"{frames_of(place)}/select", body | wrong).status_code == 422


@pytest.mark.parametrize(("method", "needed"), [("confidence", 1), ("pca", 1), ("disagreement", 2)])
def test_choosing_by_predictions_takes_the_latest_and_says_when_there_are_none(
    world: Any, refused: Any, method: str, needed: int
) -> None:
    ada = world.person()
    place = world.project(ada)
    video = world.video(place)
    body = {"video_ids": [str(video)], "method": method, "count": 5}
    made = []
    for number in range(needed):
        refused(ada.post(f"{frames_of(place)}/select", body), 409, "frames.no_predictions")
        model = Model(id=uuid4(), project_id=place.id, name=f"m{number}", state="ready")
        world.add(model)
        row = Prediction(id=uuid4(), project_id=place.id, model_id=model.id, video_id=video, state="ready")
        row.parquet_key = "p"
        world.add(row)
        made.append(str(row.id))
    job = ada.post(f"{frames_of(place)}/select", body).json()["jobs"][0]
    with world.sessions() as session:
        assert session.get(Job, UUID(job["id"])).spec["prediction_ids"] == made[::-1]


def test_adding_frames_by_hand_queues_a_job_with_their_numbers_once_each(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    video = world.video(place)
    job = ada.post(f"{frames_of(place)}/add", {"video_id": str(video), "indices": [5, 3, 5]}).json()["job"]
    with world.sessions() as session:
        assert session.get(Job, UUID(job["id"])).spec["indices"] == [3, 5]


@pytest.mark.parametrize(
    "wrong",
    [{"indices": [100]}, {"indices": [-1]}, {"indices": []}, {"indices": [1.5]}, {"indices": list(range(1001))}],
)
def test_frame_numbers_that_the_video_does_not_have_are_refused(world: Any, wrong: dict[str, Any]) -> None:
    ada = world.person()
    place = world.project(ada)
    reply = ada.post(f"{frames_of(place)}/add", {"video_id": str(world.video(place)), **wrong})
    assert reply.status_code == 422


def test_videos_of_another_project_or_in_the_trash_are_not_found(world: Any) -> None:
    ada = world.person()
    place, other = world.project(ada), world.project(ada)
    body = {"video_ids": [str(world.video(other))], "method": "uniform", "count": 1}
    assert ada.post(f"{frames_of(place)}/select", body).status_code == 404


def test_a_video_that_is_not_ready_is_a_conflict_and_leaves_no_job(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    videos = [world.video(place), world.video(place, "new.mp4", state="processing", frame_count=None)]
    reply = ada.post(
        f"{frames_of(place)}/select", {"video_ids": list(map(str, videos)), "method": "uniform", "count": 1}
    )
    assert (reply.status_code, reply.json()["code"]) == (409, "video.not_ready")
    assert "new.mp4" in reply.json()["detail"]
    assert ada.get(f"{place.path}/jobs").json()["items"] == []


@pytest.mark.parametrize(
    ("role", "before", "after", "status"),
    [
        ("annotator", "draft", "submitted", 200),
        ("annotator", "submitted", "draft", 200),
        ("annotator", "submitted", "accepted", 403),
        ("annotator", "accepted", "draft", 403),
        ("reviewer", "submitted", "accepted", 200),
        ("editor", "accepted", "submitted", 200),
        ("viewer", "draft", "submitted", 403),
    ],
)
def test_who_may_bring_a_frame_into_which_state(world: Any, role: str, before: str, after: str, status: int) -> None:
    place = world.project(world.person())
    frame = world.frame(place, state=before)
    reply = world.member(place, role).patch(f"{frames_of(place)}/{frame}", {"state": after})
    assert reply.status_code == status
    if status == 200:
        assert reply.json()["state"] == after


def test_a_reviewer_hands_a_frame_to_a_member_and_to_nobody_else(world: Any) -> None:
    place = world.project(world.person())
    reviewer, annotator = world.member(place, "reviewer"), world.member(place, "annotator")
    path = f"{frames_of(place)}/{world.frame(place)}"
    assert reviewer.patch(path, {"assignee": str(annotator.id)}).json()["assignee"] == str(annotator.id)
    assert reviewer.patch(path, {"assignee": str(world.person().id)}).status_code == 404
    assert annotator.patch(path, {"assignee": None}).status_code == 403
    assert reviewer.patch(path, {"assignee": None}).json()["assignee"] is None


def test_a_deleted_frame_is_gone_from_list_and_labels_and_tells_its_bytes(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    frame = world.frame(place, size_bytes=1234)
    assert ada.delete(f"{frames_of(place)}/{frame}").json() == {"bytes_freed": 1234}
    assert ada.get(frames_of(place)).json()["items"] == []
    assert ada.get(f"{frames_of(place)}/{frame}/labels").status_code == 404
    assert ada.delete(f"{frames_of(place)}/{frame}").status_code == 404


def test_a_stranger_meets_404_on_every_route_of_frames(world: Any) -> None:
    ada, stranger = world.person(), world.person()
    place, own = world.project(ada), world.project(stranger)
    frame, video = world.frame(place), world.video(place)
    add = {"video_id": str(video), "indices": [1]}
    for where in (place, own):
        path = f"{frames_of(where)}/{frame}"
        assert stranger.get(path).status_code == 404
        assert stranger.patch(path, {"state": "draft"}).status_code == 404
        assert stranger.delete(path).status_code == 404
        assert stranger.post(f"{frames_of(where)}/add", add).status_code == 404
    assert stranger.get(frames_of(place)).status_code == 404
    assert ada.get(f"{frames_of(place)}/{uuid4()}").status_code == 404


def test_a_skipped_frame_says_why_until_it_is_labelled_all_the_same(world: Any) -> None:
    place = world.project(world.person())
    annotator = world.member(place, "annotator")
    path = f"{place.path}/frames/{world.frame(place)}"
    assert annotator.patch(path, {"skipped": "It is blurred."}).json()["skipped"] == "It is blurred."
    reviewer = world.member(place, "reviewer")
    body = {"assignee": str(annotator.id), "count": 5}
    assert reviewer.post(f"{place.path}/frames/assign", body).json() == {"assigned": 0}
    assert annotator.patch(path, {"state": "submitted"}).json()["skipped"] is None
