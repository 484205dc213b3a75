"""Empties the trash: what was deleted long enough ago goes, with its files, and so do uploads nobody finished.

Safe to run anywhere, any number of times. Files go first and rows after, one thing a transaction: whatever is broken
off is found again.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, String, cast, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core.database import transaction
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Frame, Job, Model, Prediction, Project, Recording, Upload, Video

MOST_AT_ONCE = 1000
_KEEP_FINISHED_UPLOADS = timedelta(days=1)

Remove = Callable[[Session, BlobStore, Any], int]

log = structlog.get_logger(__name__)


def purge(sessions: sessionmaker[Session], store: BlobStore, trash_days: int) -> int:
    """Bytes freed. What another process holds at the moment is left to it."""
    before = func.now() - timedelta(days=trash_days)
    steps: list[tuple[Select[Any], Remove]] = [
        (_old_uploads(), _remove_upload),
        (select(Prediction).where(Prediction.deleted_at < before), _remove_prediction),
        (select(Model).where(Model.deleted_at < before), _remove_model),
        (select(Frame).where(Frame.deleted_at < before), _remove_frame),
        (select(Video).where(Video.deleted_at < before), _remove_video),
        (select(Recording).where(Recording.deleted_at < before), _remove_recording),
        (select(Project).where(Project.deleted_at < before), _remove_project),
    ]
    freed = sum(_remove_all(sessions, store, query, remove) for query, remove in steps)
    if freed:
        log.info("trash_emptied", bytes_freed=freed)
    return freed


def _remove_all(sessions: sessionmaker[Session], store: BlobStore, query: Select[Any], remove: Remove) -> int:
    freed = 0
    for _ in range(MOST_AT_ONCE):
        with transaction(sessions) as session:
            # Locked, so that nobody restores a row while its files go.
            if (row := session.scalar(query.limit(1).with_for_update(skip_locked=True))) is None:
                break
            freed += remove(session, store, row)
    return freed


def _old_uploads() -> Select[Any]:
    """Unfinished ones past their time, and finished ones: a video lives on, an import's archive does not."""
    abandoned = Upload.completed_at.is_(None) & (Upload.expires_at <= func.now())
    return select(Upload).where(or_(abandoned, Upload.completed_at < func.now() - _KEEP_FINISHED_UPLOADS))


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
    """The video an abandoned upload was for, and its recording if that was made for it alone."""
    video = session.get(Video, upload.video_id) if upload.video_id else None
    if video is None or video.state != "uploading":
        return
    recording_id = video.recording_id
    upload.video_id = None
    session.delete(video)
    session.flush()
    if not _in_use(session, recording_id):
        session.delete(session.get_one(Recording, recording_id))


def _remove_prediction(session: Session, store: BlobStore, prediction: Prediction) -> int:
    freed = _remove_job_files(session, store, prediction.job_id)
    session.delete(prediction)
    return freed


def _remove_model(session: Session, store: BlobStore, model: Model) -> int:
    poses = session.scalars(select(Prediction.job_id).where(Prediction.model_id == model.id)).all()
    freed = sum(_remove_job_files(session, store, job_id) for job_id in (*poses, model.job_id))
    session.delete(model)
    return freed


def _remove_frame(session: Session, store: BlobStore, frame: Frame) -> int:
    freed = store.delete_prefix(f"projects/{frame.project_id}/frames/{frame.id}")
    session.delete(frame)
    return freed


def _remove_video(session: Session, store: BlobStore, video: Video) -> int:
    """Labelled frames outlive their video: they become images of its recording, with its name."""
    stem = video.name.rpartition(".")[0] or video.name
    path = func.concat(stem, "/img", func.lpad(cast(Frame.frame_index, String), 8, "0"), ".png")
    kept = update(Frame).where(Frame.video_id == video.id, Frame.deleted_at.is_(None))
    source = func.coalesce(Frame.source_path, path)
    session.execute(kept.values(video_id=None, recording_id=video.recording_id, source_path=source))
    poses = session.scalars(select(Prediction.job_id).where(Prediction.video_id == video.id)).all()
    freed = sum(_remove_job_files(session, store, job_id) for job_id in poses)
    freed += store.delete_prefix(f"projects/{video.project_id}/videos/{video.id}")
    session.delete(video)
    return freed


def _remove_recording(session: Session, store: BlobStore, recording: Recording) -> int:
    """Videos and frames that were kept, restored or moved in after the recording was deleted keep it."""
    if _in_use(session, recording.id):
        recording.deleted_at = None
        return 0
    freed = store.delete(recording.calibration_key) if recording.calibration_key else 0
    session.delete(recording)
    return freed


def _remove_project(session: Session, store: BlobStore, project: Project) -> int:
    job_ids = session.scalars(select(Job.id).where(Job.project_id == project.id)).all()
    freed = sum(store.delete_prefix(f"jobs/{job_id}") for job_id in job_ids)
    freed += store.delete_prefix(f"projects/{project.id}")
    session.delete(project)
    return freed


def _in_use(session: Session, recording_id: UUID) -> bool:
    return any(
        session.scalar(select(kind.id).where(kind.recording_id == recording_id).limit(1)) is not None
        for kind in (Video, Frame)
    )


def _remove_job_files(session: Session, store: BlobStore, job_id: UUID | None) -> int:
    """What a job and the segments it was split into wrote."""
    if job_id is None:
        return 0
    segments = session.scalars(select(Job.id).where(Job.parent_id == job_id)).all()
    return sum(store.delete_prefix(f"jobs/{one}") for one in (job_id, *segments))
