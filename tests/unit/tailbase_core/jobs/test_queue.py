"""Who gets which job, and when."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.tables import Job, JobEvent, Project

Sessions = sessionmaker[Session]
Queued = Callable[..., UUID]
Claimed = Callable[..., jobs.Claim]


def test_an_interactive_job_is_claimed_before_an_older_batch_job(queued: Queued, claimed: Claimed) -> None:
    batch, interactive = queued(priority=1), queued(priority=0)

    assert [claimed().job_id, claimed().job_id] == [interactive, batch]


def test_jobs_of_one_project_are_claimed_in_the_order_they_were_made(queued: Queued, claimed: Claimed) -> None:
    made = [queued() for _ in range(5)]

    assert [claimed().job_id for _ in range(5)] == made


def test_projects_take_turns_however_many_jobs_one_of_them_has(
    sessions: Sessions, project: UUID, queued: Queued, claimed: Claimed
) -> None:
    with sessions.begin() as session:
        session.add(other := Project(name="flies"))
    for _ in range(4):
        queued()
    late = [queued(project_id=other.id), queued(project_id=other.id)]

    order = [claimed().project_id for _ in range(4)]

    assert order == [project, other.id, project, other.id]
    assert len(late) == order.count(other.id)


def test_a_job_of_another_queue_or_kind_is_left_alone(sessions: Sessions, queued: Queued) -> None:
    queued(kind="train", queue="gpu")
    queued(kind="export")

    with sessions.begin() as session:
        assert jobs.claim(session, "w", ["default"], 60, kinds=["train"]) is None


def test_a_paused_worker_claims_nothing_until_it_is_unpaused(
    sessions: Sessions, queued: Queued, claimed: Claimed
) -> None:
    queued()
    with sessions.begin() as session:
        jobs.seen(session, "w1", "CPU", "0")
        jobs.set_paused(session, "w1", True)
    with sessions.begin() as session:
        assert jobs.claim(session, "w1", ["default"], 60) is None
        jobs.set_paused(session, "w1", False)

    assert claimed("w1").attempt == 1


def test_many_workers_at_once_never_get_the_same_job(sessions: Sessions, queued: Queued) -> None:
    made = {queued() for _ in range(24)}

    def take(number: int) -> list[UUID]:
        mine = []
        for _ in range(6):
            with sessions.begin() as session:
                if (claim := jobs.claim(session, f"w{number}", ["default"], 60)) is not None:
                    mine.append(claim.job_id)
        return mine

    with ThreadPoolExecutor(8) as pool:
        taken = [job for part in pool.map(take, range(8)) for job in part]

    assert len(taken) == len(set(taken))
    assert set(taken) == made


def test_a_claim_carries_what_the_worker_needs_and_is_told_in_the_story(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Callable[[UUID], Job]
) -> None:
    spec: dict[str, Any] = {"model_id": "m"}
    job_id = queued(spec=spec, title="Train resnet18")

    claim = claimed("bench")

    assert (claim.job_id, claim.attempt, claim.kind, claim.spec) == (job_id, 1, "train", spec)
    assert (row(job_id).state, row(job_id).worker) == ("running", "bench")
    with sessions() as session:
        story = session.query(JobEvent).order_by(JobEvent.id).all()
    assert [event.data["state"] for event in story] == ["queued", "running"]
