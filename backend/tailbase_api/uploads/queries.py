"""SQL of uploads and of the quota they count against."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Frame, Project, Recording, Upload, Video


def upload(session: Session, project_id: UUID, upload_id: UUID) -> Upload:
    """Locked, so that it is completed or aborted once."""
    stmt = select(Upload).where(Upload.id == upload_id, Upload.project_id == project_id)
    found = session.scalar(stmt.with_for_update())
    if found is None:
        raise NotFound("upload")
    return found


def lock_project(session: Session, project_id: UUID) -> None:
    """Two who open uploads at once cannot both take the last of the quota."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())


def open_uploads(session: Session, project_id: UUID) -> tuple[int, int]:
    """How many are under way, and the bytes they will take."""
    stmt = select(func.count(), func.coalesce(func.sum(Upload.size_bytes), 0)).where(
        Upload.project_id == project_id, Upload.completed_at.is_(None)
    )
    count, size = session.execute(stmt).one()
    return int(count), int(size)


def stored_bytes(session: Session, project_id: UUID) -> int:
    """What the project's own videos take, those in the trash too; in-place videos take nothing."""
    stmt = select(func.coalesce(func.sum(Video.size_bytes), 0)).where(
        Video.project_id == project_id, Video.blob_key.is_not(None), Video.state != "uploading"
    )
    return int(session.scalar(stmt) or 0)


def video(session: Session, project_id: UUID, video_id: UUID) -> Video:
    """The video an upload is for, unless it was deleted meanwhile."""
    stmt = select(Video).where(Video.id == video_id, Video.project_id == project_id, Video.deleted_at.is_(None))
    if (found := session.scalar(stmt)) is None:
        raise NotFound("video")
    return found


def forget_video(session: Session, project_id: UUID, video_id: UUID) -> None:
    """Remove a video that never came, and its recording if nothing else is in it."""
    found = session.scalar(select(Video).where(Video.id == video_id, Video.project_id == project_id))
    if found is None or found.state != "uploading":
        return
    recording_id = found.recording_id
    session.delete(found)
    session.flush()
    used = [select(table.id).where(table.recording_id == recording_id).limit(1) for table in (Video, Frame)]
    if all(session.scalar(stmt) is None for stmt in used):
        session.delete(session.get_one(Recording, recording_id))
