from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.tables import Job, Project

Sessions = sessionmaker[Session]


@pytest.fixture
def project(sessions: Sessions) -> UUID:
    with sessions.begin() as session:
        session.add(row := Project(name="mice"))
        session.flush()
        return row.id


@pytest.fixture
def queued(sessions: Sessions, project: UUID) -> Callable[..., UUID]:
    """Enqueue a job and give its id."""

    def make(kind: str = "train", project_id: UUID = project, **values: Any) -> UUID:
        with sessions.begin() as session:
            spec = values.pop("spec", {})
            return jobs.enqueue(session, project_id=project_id, user_id=None, kind=kind, spec=spec, **values).id

    return make


@pytest.fixture
def claimed(sessions: Sessions) -> Callable[..., jobs.Claim]:
    """Claim the next job, which must be there."""

    def take(worker: str = "w1") -> jobs.Claim:
        with sessions.begin() as session:
            claim = jobs.claim(session, worker, ["default"], 60)
        assert claim is not None
        return claim

    return take


@pytest.fixture
def row(sessions: Sessions) -> Callable[[UUID], Job]:
    """The job as it stands."""

    def get(job_id: UUID) -> Job:
        with sessions() as session:
            job = session.get(Job, job_id)
            assert job is not None
            return job

    return get


@pytest.fixture
def expire(sessions: Sessions) -> Callable[[UUID], None]:
    """Let a job's lease run out, as if its worker had been silent for long."""

    def change(job_id: UUID) -> None:
        with sessions.begin() as session:
            past = func.now() - timedelta(seconds=1)
            session.execute(update(Job).where(Job.id == job_id).values(lease_until=past))

    return change
