"""Jobs over the API: their state, their story, their files."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tailbase_core import jobs as core
from tailbase_core.tables import Job, JobEvent


def queue(world: Any, place: Any, kind: str = "export", **values: Any) -> UUID:
    with world.sessions.begin() as session:
        job = core.enqueue(session, project_id=place.id, user_id=None, kind=kind, spec={}, title="Export labels")
        for name, value in values.items():
            setattr(job, name, value)
        return job.id


def test_a_job_shows_its_state_progress_log_and_files(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    artifact = {"name": "labels.csv", "key": "jobs/1/1/labels.csv", "size_bytes": 9, "content_type": "text/csv"}
    progress = {"stage": "writing", "done": 1, "total": 2}
    job = queue(world, place, state="succeeded", progress=progress, log_tail="begun\n", artifacts=[artifact])
    shown = ada.get(f"{place.path}/jobs/{job}").json()
    assert (shown["kind"], shown["title"], shown["state"]) == ("export", "Export labels", "succeeded")
    assert shown["progress"] == progress
    assert shown["log_tail"] == "begun\n"
    assert [(a["name"], a["size_bytes"], "jobs/1/1/labels.csv" in a["url"]) for a in shown["artifacts"]] == [
        ("labels.csv", 9, True)
    ]


def test_the_list_is_latest_first_filters_and_leaves_out_logs_and_parts_of_jobs(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    first, second = queue(world, place), queue(world, place, kind="evaluate", state="failed")
    queue(world, place, parent_id=second)
    listed = ada.get(f"{place.path}/jobs").json()["items"]
    assert [item["id"] for item in listed] == [str(second), str(first)]
    assert "log_tail" not in listed[0]
    for query in ("state=failed", "kind=evaluate"):
        assert [item["id"] for item in ada.get(f"{place.path}/jobs?{query}").json()["items"]] == [str(second)]
    assert ada.get(f"{place.path}/jobs?state=lost").status_code == 422


def test_cancelling_ends_a_queued_job_at_once_and_a_second_time_changes_nothing(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    job = queue(world, place)
    for _ in range(2):
        reply = ada.post(f"{place.path}/jobs/{job}/cancel")
        assert (reply.status_code, reply.json()["state"], reply.json()["error_code"]) == (
            200,
            "cancelled",
            "job.cancelled",
        )


def test_cancelling_a_running_job_asks_its_worker(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    job = queue(world, place)
    with world.sessions.begin() as session:
        core.claim(session, "a worker", ["default"], 60)
    assert ada.post(f"{place.path}/jobs/{job}/cancel").json()["state"] == "cancelling"


def test_events_continue_after_a_given_one_and_filter_by_kind(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    job = queue(world, place)
    for epoch in range(3):
        world.add(JobEvent(job_id=job, attempt=1, kind="metric", data={"epoch": epoch}))
    path = f"{place.path}/jobs/{job}/events"
    every = ada.get(path).json()["items"]
    assert [event["kind"] for event in every] == ["state", "metric", "metric", "metric"]
    later = ada.get(f"{path}?kind=metric&after={every[1]['id']}").json()["items"]
    assert [event["data"]["epoch"] for event in later] == [1, 2]


def test_the_address_of_a_file_leads_to_a_signed_one(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    job = queue(world, place, artifacts=[{"name": "a.csv", "key": "jobs/1/1/a.csv", "size_bytes": 1}])
    reply = ada.get(f"{place.path}/jobs/{job}/artifacts/a.csv")
    assert reply.status_code == 307
    assert "jobs/1/1/a.csv" in reply.headers["location"]
    assert ada.get(f"{place.path}/jobs/{job}/artifacts/b.csv").status_code == 404


@pytest.mark.parametrize("rest", ["", "/cancel", "/events", "/artifacts/a.csv"])
def test_a_stranger_cannot_see_that_a_job_exists(world: Any, rest: str) -> None:
    place, stranger = world.project(world.person()), world.person()
    job = queue(world, place)
    method = "POST" if rest == "/cancel" else "GET"
    own = world.project(stranger)
    for path in (place.path, own.path):
        options = {"json": {}} if method == "POST" else {}
        assert stranger.request(method, f"{path}/jobs/{job}{rest}", **options).status_code == 404
    with world.sessions() as session:
        assert session.get(Job, job).state == "queued"
    assert stranger.get(f"{own.path}/jobs/{uuid4()}").status_code == 404


def test_a_viewer_does_not_cancel(world: Any) -> None:
    place = world.project(world.person())
    assert world.member(place, "viewer").post(f"{place.path}/jobs/{queue(world, place)}/cancel").status_code == 403


def test_a_project_that_fills_the_queue_is_refused(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailbase_api.jobs.service.MOST_UNFINISHED", 2)
    ada = world.person()
    place = world.project(ada)
    queue(world, place)
    body = {"what": "labels", "format": "csv"}
    assert ada.post(f"{place.path}/exports", body).status_code == 202
    assert ada.post(f"{place.path}/exports", body).status_code == 429


def test_a_person_who_asks_for_work_without_pause_is_told_to_wait(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailbase_api.jobs.limits.ASKED_A_MINUTE", 2)
    ada, ben = world.person(), world.person()
    place, own = world.project(ada), world.project(ben)
    body = {"what": "labels", "format": "csv"}
    replies = [ada.post(f"{place.path}/exports", body) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [202, 202, 429]
    assert int(replies[2].headers["retry-after"]) <= 60
    assert ben.post(f"{own.path}/exports", body).status_code == 202


def test_jobs_are_accepted_while_redis_is_down(world: Any) -> None:
    ada = world.person()
    place = world.project(ada)
    world.client.app.state.services.redis.connection_pool.connection_kwargs["path"] = "/nowhere"
    world.client.app.state.services.redis.connection_pool.disconnect()
    reply = ada.post(f"{place.path}/exports", {"what": "labels", "format": "csv"})
    assert reply.status_code == 202
