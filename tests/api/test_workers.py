"""Workers over the API."""

from typing import Any

from tailbase_core import jobs
from tailbase_core.tables import Worker


def test_workers_are_listed_with_what_they_compute_on(world: Any) -> None:
    with world.sessions.begin() as session:
        jobs.seen(session, "lab-1", "GPU H200", "0.1.0")
    listed = world.person().get("/workers").json()
    assert [(w["name"], w["device"], w["paused"], w["version"]) for w in listed] == [
        ("lab-1", "GPU H200", False, "0.1.0")
    ]


def test_only_the_owner_of_the_installation_pauses_a_worker(world: Any) -> None:
    with world.sessions.begin() as session:
        jobs.seen(session, "lab-1", "CPU", "0.1.0")
    assert world.person().patch("/workers/lab-1", {"paused": True}).status_code == 403
    admin = world.person(admin=True)
    assert admin.patch("/workers/lab-1", {"paused": True}).json()["paused"] is True
    with world.sessions() as session:
        assert session.get_one(Worker, "lab-1").paused
    assert admin.patch("/workers/nobody", {"paused": True}).status_code == 404
