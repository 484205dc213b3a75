"""Putting work into the queue for a project, and showing how it fares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api.deps import Access
from tailbase_api.jobs import queries
from tailbase_api.jobs.schemas import ArtifactOut, JobDetail, JobEventOut, JobEvents, JobOut, PartOut
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_core import jobs as core
from tailbase_core.errors import NotFound, TooManyRequests
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Job

MOST_UNFINISHED = 10_000
EVENTS_AT_ONCE = 1000
PARTS_SHOWN = 200
INTERACTIVE, BATCH = 0, 1


@dataclass(frozen=True)
class Work:
    """One job to be: the title a person reads, and the spec the worker follows."""

    title: str
    spec: dict[str, Any]


def submit(
    session: Session,
    access: Access,
    kind: str,
    works: Sequence[Work],
    *,
    priority: int,
    parent: Job | None = None,
    waiting: bool = False,
) -> list[Job]:
    """Queue the works; the bell rings after the commit. No project may fill the queue without end.

    Works of a `parent` are what it waits for. `waiting` ones wait themselves: for their children, and for the jobs
    that their spec awaits.
    """
    if queries.unfinished(session, access.project_id) + len(works) > MOST_UNFINISHED:
        raise TooManyRequests(f"This project has {MOST_UNFINISHED} unfinished jobs. Wait for some, or cancel them.")
    return [
        core.enqueue(
            session,
            project_id=access.project_id,
            user_id=access.user.id,
            kind=kind,
            spec=work.spec,
            title=work.title,
            priority=priority,
            parent_id=None if parent is None else parent.id,
            waiting=waiting,
        )
        for work in works
    ]


def page(
    session: Session, store: BlobStore, project_id: UUID, page: PageQuery, state: str | None, kind: str | None
) -> Page[JobOut]:
    stmt = queries.jobs(project_id, state, kind)
    rows, cursor = select_page(session, stmt, page, key=Job.created_at, id=Job.id)
    return page_of(rows, cursor, lambda job: job_out(job, store))


def detail(session: Session, store: BlobStore, project_id: UUID, job_id: UUID) -> JobDetail:
    job = queries.job(session, project_id, job_id)
    parts = [PartOut.model_validate(part) for part in queries.parts(session, job.id, PARTS_SHOWN)]
    return JobDetail(**job_out(job, store).model_dump(), log_tail=job.log_tail, parts=parts)


def cancel(session: Session, store: BlobStore, project_id: UUID, job_id: UUID) -> JobOut:
    """Ask for the end of a job; one that has ended already stays as it is."""
    job = queries.job(session, project_id, job_id)
    core.cancel(session, job)
    return job_out(job, store)


def cancel_unfinished(session: Session, project_id: UUID, job_ids: Iterable[UUID | None]) -> None:
    """Cancel those of the jobs that still run or wait."""
    for job in queries.living(session, project_id, [job_id for job_id in job_ids if job_id is not None]):
        core.cancel(session, job)


def events(session: Session, project_id: UUID, job_id: UUID, after: int, kind: str | None) -> JobEvents:
    job = queries.job(session, project_id, job_id)
    found = queries.events(session, job.id, after, kind, EVENTS_AT_ONCE)
    return JobEvents(items=[JobEventOut.model_validate(event, from_attributes=True) for event in found])


def artifact_url(session: Session, store: BlobStore, project_id: UUID, job_id: UUID, name: str) -> str:
    job = queries.job(session, project_id, job_id)
    for artifact in job.artifacts:
        if artifact["name"] == name:
            return _url(store, artifact)
    raise NotFound("file")


def job_out(job: Job, store: BlobStore) -> JobOut:
    artifacts = [ArtifactOut(name=a["name"], size_bytes=a["size_bytes"], url=_url(store, a)) for a in job.artifacts]
    fields = {name: getattr(job, name) for name in JobOut.model_fields if name != "artifacts"}
    return JobOut(**fields, artifacts=artifacts)


def _url(store: BlobStore, artifact: dict[str, Any]) -> str:
    return store.download_url(artifact["key"], filename=artifact["name"], content_type=artifact.get("content_type"))
