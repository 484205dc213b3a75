"""The state machine against a model of it: whatever happens in whatever order, no job is lost and none ends twice."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.errors import LeaseLost
from tailbase_core.settings import JobLimits
from tailbase_core.tables import Job, JobEvent, Project
from tailbase_core.tables.jobs import ENDED

LIMITS = JobLimits(attempts=3)


class Machine(RuleBasedStateMachine):
    """Workers, people and the reaper take turns. `claims` are all claims ever given, most of them stale."""

    sessions: sessionmaker[Session]

    @initialize()
    def start(self) -> None:
        self.claims: list[jobs.Claim] = []
        self.published: list[UUID] = []
        self.ends: dict[UUID, str] = {}
        with self.sessions.begin() as session:
            session.query(Job).delete()
            session.add(project := Project(name="p"))
        self.project = project.id

    @rule(priority=st.sampled_from([0, 1]))
    def enqueue(self, priority: int) -> None:
        with self.sessions.begin() as session:
            jobs.enqueue(session, project_id=self.project, user_id=None, kind="export", spec={}, priority=priority)

    @rule()
    def claim(self) -> None:
        with self.sessions.begin() as session:
            claim = jobs.claim(session, "w", ["default"], 60)
            queued = session.scalars(select(Job).where(Job.state == "queued")).all()
        if claim is not None:
            assert (claim.job_id, claim.attempt) not in {(c.job_id, c.attempt) for c in self.claims}
            self.claims.append(claim)
        else:
            assert queued == []

    def act(self, claim: jobs.Claim, call: Any) -> bool:
        """Whether the call was let through; only the latest claim of a held job may be."""
        held = self.holds(claim)
        try:
            with self.sessions.begin() as session:
                call(session, claim)
        except LeaseLost:
            assert not held
            return False
        except jobs.CancelAsked:
            return False
        assert held
        return True

    def holds(self, claim: jobs.Claim) -> bool:
        job = self.row(claim.job_id)
        return job.attempt == claim.attempt and job.state in ("running", "cancelling")

    def row(self, job_id: UUID) -> Job:
        with self.sessions() as session:
            return session.get_one(Job, job_id)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        outcome = data.draw(st.sampled_from([jobs.Succeeded({"a": 1}), jobs.Failed("x", "y"), jobs.Cancelled()]))
        if self.act(claim, lambda session, held: jobs.finish(session, held, outcome)):
            assert claim.job_id not in self.published
            self.published.append(claim.job_id)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), what=st.sampled_from(["heartbeat", "hand_back", "lose", "split", "checkpoint"]))
    def work(self, data: st.DataObject, what: str) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        calls: dict[str, Any] = {
            "heartbeat": lambda s, c: jobs.heartbeat(s, c, 60, {"done": 1}, "log"),
            "hand_back": jobs.hand_back,
            "lose": lambda s, c: jobs.lose(s, c, jobs.Failed("lost", "lost"), LIMITS.attempts),
            "split": lambda s, c: jobs.split(s, c, [{}, {}], ["a", "b"]),
            "checkpoint": lambda s, c: jobs.set_checkpoint(s, c, "key"),
        }
        self.act(claim, calls[what])

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        with self.sessions.begin() as session:
            rows = session.scalars(select(Job).order_by(Job.created_at)).all()
            if rows:
                jobs.cancel(session, data.draw(st.sampled_from(rows)))

    @rule()
    def time_passes_and_the_reaper_runs(self) -> None:
        with self.sessions.begin() as session:
            held = update(Job).where(Job.state.in_(["running", "cancelling"]))
            session.execute(held.values(lease_until=func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 1)))
        with self.sessions.begin() as session:
            jobs.reap(session, LIMITS)
            assert session.scalars(select(Job).where(Job.state.in_(["running", "cancelling"]))).all() == []

    @invariant()
    def every_job_is_in_order(self) -> None:
        with self.sessions() as session:
            rows = session.scalars(select(Job)).all()
        for job in rows:
            self.check(job, [row for row in rows if row.parent_id == job.id])

    def check(self, job: Job, children: list[Job]) -> None:
        assert (job.lease_until is not None) == (job.state in ("running", "cancelling"))
        assert (job.ended_at is not None) == (job.state in ENDED)
        assert job.losses <= LIMITS.attempts
        if job.id in self.ends:
            assert job.state == self.ends[job.id], "an end is for ever"
        if job.state in ENDED:
            self.ends[job.id] = job.state
        if job.state in ("failed", "cancelled"):
            assert job.error_code
            assert all(child.state in (*ENDED, "cancelling") for child in children)
        if job.state == "waiting":
            assert any(child.state not in ENDED for child in children), "a waiting job has something to wait for"

    def teardown(self) -> None:
        """Left to a reaper and one worker, everything comes to an end."""
        if not hasattr(self, "project"):
            return
        self.time_passes_and_the_reaper_runs()
        for _ in range(200):
            with self.sessions.begin() as session:
                if (claim := jobs.claim(session, "w", ["default"], 60)) is None:
                    break
                jobs.finish(session, claim, jobs.Succeeded())
        with self.sessions.begin() as session:
            jobs.reap(session, LIMITS)
            left = session.scalars(select(Job.state).where(Job.state.not_in(ENDED))).all()
            told = session.scalar(select(func.count()).select_from(JobEvent))
        assert left == []
        assert told or not self.ends


@pytest.mark.slow
def test_no_order_of_events_loses_a_job_or_ends_it_twice(sessions: sessionmaker[Session]) -> None:
    Machine.sessions = sessions
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
