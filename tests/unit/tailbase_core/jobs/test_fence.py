"""What a worker may do to the job it holds, and what a worker that lost it may not."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.errors import LeaseLost
from tailbase_core.settings import JobLimits
from tailbase_core.tables import Job, JobEvent, Model, Prediction, Project, Recording, Video

Sessions = sessionmaker[Session]
Queued = Callable[..., UUID]
Claimed = Callable[..., jobs.Claim]
Row = Callable[[UUID], Job]

WRITES: list[Callable[[Session, jobs.Claim], object]] = [
    lambda s, c: jobs.heartbeat(s, c, 60),
    lambda s, c: jobs.look(s, c),
    lambda s, c: jobs.record(s, c, "metric", {}),
    lambda s, c: jobs.set_checkpoint(s, c, "k"),
    lambda s, c: jobs.finish(s, c, jobs.Succeeded()),
    lambda s, c: jobs.finish(s, c, jobs.Failed("c", "d")),
    lambda s, c: jobs.lose(s, c, jobs.Failed("c", "d"), 3),
    lambda s, c: jobs.hand_back(s, c),
    lambda s, c: jobs.split(s, c, [{}], ["part"]),
]


@pytest.mark.parametrize("write", WRITES)
def test_a_worker_whose_lease_was_lost_changes_nothing(
    sessions: Sessions, queued: Queued, claimed: Claimed, expire: Any, row: Row, write: Any
) -> None:
    queued()
    stale = claimed("slow")
    expire(stale.job_id)
    with sessions.begin() as session:
        jobs.reap(session, JobLimits())
    claimed("other")
    before = row(stale.job_id)

    with pytest.raises(LeaseLost), sessions.begin() as session:
        write(session, stale)

    after = row(stale.job_id)
    assert (after.state, after.attempt, after.worker, after.result) == ("running", 2, "other", before.result)


def test_results_of_a_cancelled_job_are_not_published(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Row
) -> None:
    job_id = queued()
    claim = claimed()
    with sessions.begin() as session:
        jobs.cancel(session, session.get_one(Job, job_id))

    with pytest.raises(jobs.CancelAsked), sessions.begin() as session:
        jobs.finish(session, claim, jobs.Succeeded({"weights": "w"}))
    with sessions.begin() as session:
        jobs.finish(session, claim, jobs.Cancelled())

    assert (row(job_id).state, row(job_id).result) == ("cancelled", {})


def test_a_beat_prolongs_the_lease_and_brings_the_state(
    sessions: Sessions, queued: Queued, claimed: Claimed, expire: Any, row: Row
) -> None:
    job_id = queued()
    claim = claimed()
    expire(job_id)

    with sessions.begin() as session:
        state = jobs.heartbeat(session, claim, 60, {"stage": "train", "done": 1, "total": 2}, "x" * 100_000)
        assert jobs.reap(session, JobLimits())["lost"] == 0

    assert state == "running"
    assert row(job_id).progress["done"] == 1
    assert len(row(job_id).log_tail) == 16_000


def test_a_job_handed_back_costs_no_attempt(sessions: Sessions, queued: Queued, claimed: Claimed, row: Row) -> None:
    job_id = queued()
    for _ in range(5):
        with sessions.begin() as session:
            jobs.hand_back(session, claimed_in(session))

    assert (row(job_id).state, row(job_id).losses, row(job_id).attempt) == ("queued", 0, 5)


def claimed_in(session: Session) -> jobs.Claim:
    claim = jobs.claim(session, "w", ["default"], 60)
    assert claim is not None
    return claim


def test_a_job_that_is_lost_three_times_fails_with_a_sentence(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Row
) -> None:
    job_id = queued()
    states = []
    for _ in range(3):
        claim = claimed()
        with sessions.begin() as session:
            jobs.lose(session, claim, jobs.Failed("job.killed", "The memory was not enough."), 3)
        states.append(row(job_id).state)

    assert states == ["queued", "queued", "failed"]
    assert (row(job_id).error_code, row(job_id).error_detail) == ("job.killed", "The memory was not enough.")


def test_a_parent_is_queued_again_when_all_its_parts_succeeded(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Row
) -> None:
    parent = queued(kind="predict")
    with sessions.begin() as session:
        jobs.split(session, claimed_in(session), [{"part": 0}, {"part": 1}], ["first", "second"])
    assert row(parent).state == "waiting"

    parts = [claimed(), claimed()]
    for part in parts:
        with sessions.begin() as session:
            jobs.finish(session, part, jobs.Succeeded())

    assert [part.spec["part"] for part in parts] == [0, 1]
    assert row(parent).state == "queued"
    assert claimed().job_id == parent


@pytest.mark.parametrize(
    ("outcome", "state"), [(jobs.Failed("video.truncated", "Cut short."), "failed"), (jobs.Cancelled(), "cancelled")]
)
def test_a_part_that_does_not_succeed_ends_parent_and_siblings(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Row, outcome: jobs.Outcome, state: str
) -> None:
    parent = queued(kind="predict")
    with sessions.begin() as session:
        jobs.split(session, claimed_in(session), [{}, {}, {}], ["a", "b", "c"])
    first, second = claimed(), claimed()

    with sessions.begin() as session:
        jobs.finish(session, first, outcome)

    with sessions() as session:
        states = {job.id: job.state for job in session.scalars(select(Job))}
    assert states.pop(parent) == state
    assert states.pop(first.job_id) == state
    assert states.pop(second.job_id) == "cancelling"
    assert list(states.values()) == ["cancelled"]


def test_cancelling_a_waiting_parent_goes_down_to_its_parts(
    sessions: Sessions, queued: Queued, claimed: Claimed, row: Row
) -> None:
    parent = queued(kind="predict")
    with sessions.begin() as session:
        jobs.split(session, claimed_in(session), [{}, {}], ["a", "b"])
    running = claimed()

    with sessions.begin() as session:
        jobs.cancel(session, session.get_one(Job, parent))

    assert (row(parent).state, row(running.job_id).state) == ("cancelled", "cancelling")


def test_model_and_prediction_follow_their_job(sessions: Sessions, project: UUID, queued: Queued) -> None:
    with sessions.begin() as session:
        session.add(model := Model(project_id=project, name="m", state="queued"))
        session.add(recording := Recording(project_id=project, name="r"))
        session.flush()
        video = Video(project_id=project, recording_id=recording.id, name="v", state="ready")
        session.add(video)
        session.flush()
        session.add(poses := Prediction(project_id=project, model_id=model.id, video_id=video.id, state="queued"))
        for row, kind in ((model, "train"), (poses, "predict")):
            row.job_id = jobs.enqueue(session, project_id=project, user_id=None, kind=kind, spec={}).id
    seen = []
    for outcome in (jobs.Failed("a", "b"), jobs.Cancelled()):
        with sessions.begin() as session:
            claim = claimed_in(session)
            seen += [session.get_one(Model, model.id).state, session.get_one(Prediction, poses.id).state]
            jobs.finish(session, claim, outcome)
    with sessions() as session:
        seen += [session.get_one(Model, model.id).state, session.get_one(Prediction, poses.id).state]

    assert seen == ["training", "queued", "failed", "running", "failed", "cancelled"]


def test_a_video_does_not_stay_unread_when_reading_it_failed(
    sessions: Sessions, project: UUID, queued: Queued, claimed: Claimed
) -> None:
    with sessions.begin() as session:
        session.add(recording := Recording(project_id=project, name="r"))
        session.flush()
        video = Video(project_id=project, recording_id=recording.id, name="v", state="processing")
        session.add(video)
    queued(kind="ingest", spec={"video_id": str(video.id)})
    with sessions.begin() as session:
        jobs.finish(session, claimed_in(session), jobs.Failed("job.crashed", "It crashed."))

    with sessions() as session:
        row = session.get_one(Video, video.id)
    assert (row.state, row.error_code) == ("rejected", "job.crashed")


def test_the_story_of_a_job_is_kept_in_order(sessions: Sessions, queued: Queued, claimed: Claimed) -> None:
    job_id = queued()
    claim = claimed()
    with sessions.begin() as session:
        jobs.record(session, claim, "metric", {"epoch": 1})
        jobs.finish(session, claim, jobs.Succeeded())

    with sessions() as session:
        story = session.scalars(select(JobEvent).where(JobEvent.job_id == job_id).order_by(JobEvent.id)).all()
    assert [(e.kind, e.data.get("state", e.data.get("epoch"))) for e in story] == [
        ("state", "queued"), ("state", "running"), ("metric", 1), ("state", "succeeded"),
    ]  # fmt: skip


def test_a_project_that_is_deleted_takes_its_jobs_along(sessions: Sessions, project: UUID, queued: Queued) -> None:
    queued()
    with sessions.begin() as session:
        session.delete(session.get_one(Project, project))

    with sessions() as session:
        assert session.scalars(select(Job)).all() == []
