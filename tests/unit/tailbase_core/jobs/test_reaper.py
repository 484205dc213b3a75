"""Repairs of the queue."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.jobs.reaper import REAPER_LOCK
from tailbase_core.settings import JobLimits
from tailbase_core.tables import Job

Sessions = sessionmaker[Session]
Queued = Callable[..., UUID]
Claimed = Callable[..., jobs.Claim]
Row = Callable[[UUID], Job]


def reap(sessions: Sessions, **limits: Any) -> dict[str, int]:
    with sessions.begin() as session:
        return jobs.reap(session, JobLimits(**limits))


def change(sessions: Sessions, job_id: UUID, **values: Any) -> None:
    with sessions.begin() as session:
        session.execute(update(Job).where(Job.id == job_id).values(**values))


def test_a_job_of_a_silent_worker_is_queued_again_and_fails_at_last(
    sessions: Sessions, queued: Queued, claimed: Claimed, expire: Any, row: Row
) -> None:
    job_id = queued()
    states = []
    for _ in range(3):
        claimed()
        expire(job_id)
        assert reap(sessions)["lost"] == 1
        states.append(row(job_id).state)

    assert states == ["queued", "queued", "failed"]
    assert row(job_id).error_code == "worker_lost"


def test_a_job_whose_worker_still_beats_is_left_alone(sessions: Sessions, queued: Queued, claimed: Claimed) -> None:
    queued()
    claimed()

    assert not any(reap(sessions).values())


def test_a_cancel_nobody_answers_is_ended(
    sessions: Sessions, queued: Queued, claimed: Claimed, expire: Any, row: Row
) -> None:
    job_id = queued()
    claimed()
    with sessions.begin() as session:
        jobs.cancel(session, session.get_one(Job, job_id))
    expire(job_id)

    assert reap(sessions)["cancelled"] == 1
    assert row(job_id).state == "cancelled"


def test_bells_nobody_heard_are_rung_again_and_not_too_often(sessions: Sessions, queued: Queued) -> None:
    job_id = queued()
    assert reap(sessions)["rung"] == 0
    change(sessions, job_id, rung_at=func.now() - timedelta(seconds=31))

    assert reap(sessions)["rung"] == 1
    assert reap(sessions)["rung"] == 0


def test_a_job_that_runs_longer_than_its_kind_may_is_ended(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Row
) -> None:
    long, short = queued(kind="ingest"), queued(kind="train")
    claimed(), claimed()
    for job_id in (long, short):
        change(sessions, job_id, started_at=func.now() - timedelta(hours=30))

    assert reap(sessions)["too_long"] == 1
    assert (row(long).error_code, row(short).state) == ("job.too_long", "running")


def test_a_parent_whose_parts_ended_unnoticed_is_joined(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Row
) -> None:
    job_id = queued(kind="predict")
    with sessions.begin() as session:
        claim = jobs.claim(session, "w", ["default"], 60)
        assert claim is not None
        jobs.split(session, claim, [{}], ["a"])
    with sessions.begin() as session:
        session.execute(update(Job).where(Job.parent_id == job_id).values(state="succeeded"))

    assert reap(sessions)["settled"] == 1
    assert row(job_id).state == "queued"


def test_only_one_worker_repairs_at_a_time(sessions: Sessions, queued: Queued, claimed: Claimed, expire: Any) -> None:
    expire_id = queued()
    claimed()
    expire(expire_id)

    with sessions.begin() as other:
        other.execute(select(func.pg_advisory_xact_lock(REAPER_LOCK)))
        assert reap(sessions) == {}
    assert reap(sessions)["lost"] == 1


def test_a_batch_job_gives_way_only_to_a_person_who_waited(
    sessions: Sessions, queued: Queued, claimed: Claimed
) -> None:
    queued(kind="train", priority=1)
    claim = claimed()
    waiting = queued(priority=0)

    def gives_way() -> bool:
        with sessions.begin() as session:
            return jobs.should_give_way(session, claim, ["default"])

    assert not gives_way()
    change(sessions, waiting, created_at=func.now() - timedelta(seconds=6))
    assert gives_way()
