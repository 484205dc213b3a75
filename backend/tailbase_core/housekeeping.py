"""Removes for good what lay in the trash too long, and uploads nobody finished. Several may do so at once.

Files go first and rows after, one thing a transaction: whatever is interrupted is found again.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Ensemble, Evaluation, Frame, Job, Model, Prediction, Project, Recording, Upload, Video

_AT_ONCE = 1000
_log = structlog.get_logger(__name__)

Remove = Callable[[Session, BlobStore, Any], int]


def sweep(sessions: sessionmaker[Session], store: BlobStore, settings: Settings) -> int:
    """Bytes freed. Things are locked one by one; those another process works on are skipped."""
    before = datetime.now(UTC) - timedelta(days=settings.trash_days)
    steps: list[tuple[Select[Any], Remove]] = [
        (_finished_with(settings), _remove_upload),
        (select(Prediction).where(Prediction.deleted_at < before), _remove_prediction),
        (select(Ensemble).where(Ensemble.deleted_at < before), _remove_ensemble),
        (select(Model).where(Model.deleted_at < before), _remove_model),
        (select(Frame).where(Frame.deleted_at < before), _remove_frame),
        (select(Video).where(Video.deleted_at < before), _remove_video),
        (select(Recording).where(Recording.deleted_at < before), _remove_recording),
        (select(Project).where(Project.deleted_at < before), _remove_project),
    ]
    freed = sum(_remove_all(sessions, store, stmt, remove) for stmt, remove in steps)
    if freed:
        _log.info("housekeeping.swept", bytes_freed=freed)
    return freed


def _remove_all(sessions: sessionmaker[Session], store: BlobStore, stmt: Select[Any], remove: Remove) -> int:
    freed = 0
    for _ in range(_AT_ONCE):
        with sessions.begin() as session:
            row = session.scalar(stmt.limit(1).with_for_update(skip_locked=True))
            if row is None:
                break
            freed += remove(session, store, row)
    return freed


def _finished_with(settings: Settings) -> Select[Any]:
    """Uploads past their time: unfinished ones, and finished ones, whose video lives on and whose archive does not."""
    some_time_ago = func.now() - timedelta(hours=settings.uploads.expire_hours)
    abandoned = Upload.completed_at.is_(None) & (Upload.expires_at <= func.now())
    return select(Upload).where(or_(abandoned, Upload.completed_at < some_time_ago))


def _remove_upload(session: Session, store: BlobStore, upload: Upload) -> int:
    freed = 0
    if upload.completed_at is None:
        store.abort_multipart(upload.blob_key, upload.multipart_id)
        _forget_video(session, upload)
    elif upload.purpose == "import":
        freed = store.delete(upload.blob_key)
    session.delete(upload)
    return freed


def _forget_video(session: Session, upload: Upload) -> None:
    """The video an abandoned upload was for, and its recording if nothing else is in it."""
    video = session.get(Video, upload.video_id) if upload.video_id else None
    if video is None or video.state != "uploading":
        return
    recording_id = video.recording_id
    upload.video_id = None
    session.flush()
    session.delete(video)
    session.flush()
    used = [select(table.id).where(table.recording_id == recording_id).limit(1) for table in (Video, Frame)]
    if all(session.scalar(stmt) is None for stmt in used):
        session.delete(session.get_one(Recording, recording_id))


def _remove_prediction(session: Session, store: BlobStore, row: Prediction) -> int:
    """A job may have made the predictions of several cameras: its files go with the last of them."""
    others = select(Prediction.id).where(Prediction.job_id == row.job_id, Prediction.id != row.id)
    if row.job_id is not None and session.scalar(others.limit(1)) is not None:
        freed = sum(store.delete(key) for key in (row.block_key, row.variance_key, row.parquet_key) if key is not None)
    else:
        freed = _remove_job_files(session, store, row.job_id)
    session.delete(row)
    session.flush()
    return freed


def _remove_predictions(session: Session, store: BlobStore, stmt: Select[Prediction]) -> int:
    return sum(_remove_prediction(session, store, row) for row in session.scalars(stmt).all())


def _remove_ensemble(session: Session, store: BlobStore, row: Ensemble) -> int:
    freed = _remove_predictions(session, store, select(Prediction).where(Prediction.ensemble_id == row.id))
    session.delete(row)
    return freed


def _remove_model(session: Session, store: BlobStore, row: Model) -> int:
    freed = _remove_predictions(session, store, select(Prediction).where(Prediction.model_id == row.id))
    freed += _remove_job_files(session, store, row.job_id)
    evaluated = session.scalar(select(Evaluation.job_id).where(Evaluation.model_id == row.id))
    freed += _remove_job_files(session, store, evaluated)
    session.delete(row)
    return freed


def _remove_frame(session: Session, store: BlobStore, row: Frame) -> int:
    freed = store.delete_prefix(f"projects/{row.project_id}/frames/{row.id}")
    session.delete(row)
    return freed


def _remove_video(session: Session, store: BlobStore, row: Video) -> int:
    """Frames that were kept lose the link to the video and remember where they came from."""
    source = func.concat(row.name, "#", Frame.frame_index)
    kept = update(Frame).where(Frame.video_id == row.id, Frame.deleted_at.is_(None))
    session.execute(kept.values(video_id=None, source_path=func.coalesce(Frame.source_path, source)))
    freed = _remove_predictions(session, store, select(Prediction).where(Prediction.video_id == row.id))
    freed += store.delete_prefix(f"projects/{row.project_id}/videos/{row.id}")
    session.delete(row)
    return freed


def _remove_recording(session: Session, store: BlobStore, row: Recording) -> int:
    """One that something was moved into since it was deleted stays."""
    for table in (Video, Frame):
        if session.scalar(select(table.id).where(table.recording_id == row.id).limit(1)) is not None:
            row.deleted_at = None
            return 0
    freed = store.delete_prefix(f"projects/{row.project_id}/recordings/{row.id}")
    session.delete(row)
    return freed


def _remove_project(session: Session, store: BlobStore, row: Project) -> int:
    freed = sum(store.delete_prefix(f"jobs/{job_id}") for job_id in _job_ids(session, row.id))
    freed += store.delete_prefix(f"projects/{row.id}")
    session.delete(row)
    return freed


def _job_ids(session: Session, project_id: UUID) -> Iterator[UUID]:
    yield from session.scalars(select(Job.id).where(Job.project_id == project_id).execution_options(yield_per=1000))


def _remove_job_files(session: Session, store: BlobStore, job_id: UUID | None) -> int:
    """What a job and the segments it was split into wrote."""
    if job_id is None:
        return 0
    segments = session.scalars(select(Job.id).where(Job.parent_id == job_id)).all()
    return sum(store.delete_prefix(f"jobs/{id}") for id in (job_id, *segments))
