"""kill -9 of every part during a training: it ends well, with the weights of an undisturbed run, bit for bit."""

import signal
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psutil
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tailbase_core.tables import Job, JobEvent, Model

pytestmark = pytest.mark.slow

EPOCHS = 30


@pytest.fixture(scope="module")
def undisturbed(lab: Any, first_worker: Any) -> str:
    """SHA-256 of the weights that nobody disturbed, of labels that all tests share."""
    lab.labelled_video()
    model_id, job_id = lab.train(epochs=EPOCHS)
    lab.done(job_id)
    first_worker.terminate()
    first_worker.wait(20)
    return str(lab.get(Model, model_id).sha256)


def begun(lab: Any, job_id: UUID) -> Job:
    """The job once it has a checkpoint and some epochs."""
    deadline = time.monotonic() + 60
    while True:
        job = lab.job(job_id)
        with lab.sessions() as session:
            curve = select(func.count()).where(JobEvent.job_id == job_id, JobEvent.kind == "metric")
            epochs = session.scalar(curve) or 0
        if job.checkpoint_key and epochs >= 2:
            assert epochs < EPOCHS, "the training was over before it could be disturbed"
            return job
        assert time.monotonic() < deadline
        time.sleep(0.05)


def trainings(worker: Any) -> list[psutil.Process]:
    return [child for child in psutil.Process(worker.pid).children(recursive=True) if "train" in words_of(child)]


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def weights(lab: Any, model_id: UUID, job_id: UUID) -> str:
    deadline = time.monotonic() + 120
    while True:
        try:
            lab.done(job_id)
            return str(lab.get(Model, model_id).sha256)
        except OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_killing_the_child_costs_no_more_than_the_time_since_the_checkpoint(
    lab: Any, undisturbed: str, start_worker: Callable[..., Any]
) -> None:
    worker = start_worker()
    model_id, job_id = lab.train(epochs=EPOCHS)
    begun(lab, job_id)

    trainings(worker)[0].kill()

    assert weights(lab, model_id, job_id) == undisturbed
    assert (lab.job(job_id).attempt, lab.job(job_id).losses) == (2, 1)


def test_killing_the_worker_kills_its_child_and_another_worker_goes_on(
    lab: Any, undisturbed: str, start_worker: Callable[..., Any]
) -> None:
    worker = start_worker()
    model_id, job_id = lab.train(epochs=EPOCHS)
    begun(lab, job_id)
    processes = psutil.Process(worker.pid).children(recursive=True)

    worker.kill()
    _, alive = psutil.wait_procs(processes, timeout=5)
    start_worker("second")

    assert alive == []
    assert weights(lab, model_id, job_id) == undisturbed


def test_killing_redis_disturbs_no_training(
    lab: Any, undisturbed: str, killable: Any, start_worker: Callable[..., Any]
) -> None:
    start_worker()
    model_id, job_id = lab.train(epochs=EPOCHS)
    begun(lab, job_id)

    killable.kill("redis")
    killable.start("redis")

    assert weights(lab, model_id, job_id) == undisturbed


def test_killing_postgres_disturbs_no_training(
    lab: Any, undisturbed: str, killable: Any, start_worker: Callable[..., Any]
) -> None:
    start_worker()
    model_id, job_id = lab.train(epochs=EPOCHS)
    begun(lab, job_id)

    killable.kill("postgres")
    killable.start("postgres")

    assert weights(lab, model_id, job_id) == undisturbed


def test_a_worker_that_is_told_to_stop_hands_the_training_back(
    lab: Any, undisturbed: str, start_worker: Callable[..., Any]
) -> None:
    worker = start_worker()
    model_id, job_id = lab.train(epochs=EPOCHS)
    begun(lab, job_id)

    worker.terminate()
    worker.wait(20)
    handed_back = lab.job(job_id)
    start_worker("second")

    assert (handed_back.state, handed_back.losses) == ("queued", 0)
    assert weights(lab, model_id, job_id) == undisturbed


def test_a_worker_that_slept_past_its_lease_publishes_nothing(
    lab: Any, undisturbed: str, start_worker: Callable[..., Any]
) -> None:
    sleeper = start_worker("sleeper")
    model_id, job_id = lab.train(epochs=EPOCHS)
    begun(lab, job_id)

    sleeper.send_signal(signal.SIGSTOP)
    start_worker("other")
    sha256 = weights(lab, model_id, job_id)
    published = lab.get(Model, model_id).artifact_key
    sleeper.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + 20
    while trainings(sleeper):
        assert time.monotonic() < deadline
        time.sleep(0.1)

    assert sha256 == undisturbed
    assert published == f"jobs/{job_id}/2/model"
    assert lab.get(Model, model_id).artifact_key == published
    assert (lab.job(job_id).state, lab.job(job_id).attempt) == ("succeeded", 2)
    assert list(lab.store.list_prefix(f"jobs/{job_id}/1/model")) == []


def test_redis_may_forget_everything(
    lab: Any, undisturbed: str, flush_redis: Callable[[], None], start_worker: Callable[..., Any]
) -> None:
    model_id, job_id = lab.train(epochs=EPOCHS)
    flush_redis()
    start_worker()
    begun(lab, job_id)

    flush_redis()

    assert weights(lab, model_id, job_id) == undisturbed


def test_jobs_are_accepted_and_done_while_redis_is_down(
    lab: Any, killable: Any, start_worker: Callable[..., Any]
) -> None:
    start_worker()
    killable.kill("redis")
    began = time.monotonic()

    lab.ready_video()

    assert time.monotonic() - began < 40
    killable.start("redis")
