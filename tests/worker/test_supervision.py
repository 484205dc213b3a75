"""How a worker holds jobs: cancel, pause, hand back, give way, several at once."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from sqlalchemy import select

from tailbase_core import jobs
from tailbase_core.bell import ring
from tailbase_core.tables import Job, JobEvent, Model, Worker

LONG = {"epochs": 2000, "validate_every": 1}


def children(worker: Any, verb: str) -> list[psutil.Process]:
    return [child for child in psutil.Process(worker.pid).children(recursive=True) if verb in words_of(child)]


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def until(true: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def workers(world: Any) -> set[str]:
    """Names of the workers that have reported."""
    with world.sessions() as session:
        return {row.name for row in jobs.list_workers(session)}


@pytest.fixture
def training(world: Any, worker: Any) -> tuple[UUID, UUID]:
    """A training under way with a checkpoint."""
    world.labelled_video(6)
    model_id, job_id = world.train(**LONG)
    until(lambda: world.job(job_id).checkpoint_key)
    return model_id, job_id


def test_cancelling_ends_the_child_within_seconds(world: Any, worker: Any, training: tuple[UUID, UUID]) -> None:
    model_id, job_id = training
    (child,) = children(worker, "train")

    began = time.monotonic()
    with world.sessions.begin() as session:
        jobs.cancel(session, session.get_one(Job, job_id))
    job = world.wait(job_id)

    assert (job.state, job.error_code) == ("cancelled", "job.cancelled")
    assert time.monotonic() - began < 15
    assert not child.is_running()
    assert world.get(Model, model_id).state == "cancelled"


def test_batch_work_gives_way_to_a_person_and_goes_on_afterwards(
    world: Any, worker: Any, training: tuple[UUID, UUID]
) -> None:
    _, job_id = training

    world.done(world.order("export", {"what": "labels", "format": "parquet"}, priority=0))

    until(lambda: world.job(job_id).state == "running")
    job = world.job(job_id)
    assert (job.attempt, job.losses) == (2, 0)


def test_the_log_says_how_far_the_child_is_locked_in(world: Any, training: tuple[UUID, UUID]) -> None:
    until(lambda: "Child: network" in world.job(training[1]).log_tail)


def test_a_paused_worker_names_its_device_and_claims_nothing(world: Any, worker: Any) -> None:
    until(lambda: "w1" in workers(world))
    with world.sessions.begin() as session:
        device = session.get_one(Worker, "w1").device
        jobs.set_paused(session, "w1", True)
    job_id = world.order("export", {"what": "labels", "format": "parquet"}, priority=0)

    time.sleep(3)
    waiting = world.job(job_id).state
    with world.sessions.begin() as session:
        jobs.set_paused(session, "w1", False)

    assert device.startswith(("CPU ", "GPU "))
    assert waiting == "queued"
    assert world.wait(job_id).error_code == "labels.none"


def test_two_workers_of_one_name_get_folders_of_their_own(world: Any, quick: Any, start_worker: Any) -> None:
    start_worker("twin")
    start_worker("twin")

    until(lambda: {"twin", "twin-2"} <= workers(world))

    assert (quick.data_dir / "workers" / "twin-2" / "lock").exists()


def test_ringing_many_times_runs_a_job_once(world: Any, worker: Any, quick: Any) -> None:
    job_id = world.order("export", {"what": "labels", "format": "parquet"})

    for _ in range(10):
        ring(quick.redis_url.get_secret_value(), "default")
    world.wait(job_id)

    with world.sessions() as session:
        states = session.scalars(select(JobEvent.data["state"].astext).where(JobEvent.job_id == job_id)).all()
    assert states == ["queued", "running", "failed"]


def test_an_idle_worker_starts_a_job_within_two_seconds(world: Any, worker: Any) -> None:
    until(lambda: "w1" in workers(world))
    time.sleep(5)

    world.wait(job_id := world.order("export", {"what": "labels", "format": "parquet"}))

    with world.sessions() as session:
        job = session.get_one(Job, job_id)
    assert job.started_at - job.created_at < timedelta(seconds=2)


def test_a_child_that_is_killed_again_and_again_fails_with_a_sentence(
    world: Any, worker: Any, training: tuple[UUID, UUID]
) -> None:
    model_id, job_id = training
    for _ in range(3):
        until(lambda: children(worker, "train"))
        children(worker, "train")[0].kill()
        until(lambda: not children(worker, "train"))

    job = world.wait(job_id)

    assert (job.state, job.error_code, job.losses) == ("failed", "job.killed", 3)
    assert "memory" in job.error_detail
    assert world.get(Model, model_id).state == "failed"


def test_a_gpu_that_is_not_there_stops_the_worker_at_once(quick: Any, start_worker: Any, tmp_path: Path) -> None:
    if any(Path("/dev").glob("nvidia[0-9]*")):
        pytest.skip("this machine has a GPU")
    worker = start_worker("gpu", quick.model_copy(update={"worker_device": "cuda"}))

    assert worker.wait(30) == 1
    assert "no GPU" in (tmp_path / "gpu.log").read_text()
