"""Into the trash, back out of it, and out of the house."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.pagination import Page, PageQuery, decode_cursor, encode_cursor
from tailbase_api.schemas import Freed
from tailbase_api.trash import queries
from tailbase_api.trash.schemas import Kind, Restored, TrashItem
from tailbase_core.errors import Conflict, NotFound
from tailbase_core.settings import Settings
from tailbase_core.tables import User, Video

_EVER = datetime(1970, 1, 2, tzinfo=UTC)


def _since(settings: Settings) -> datetime:
    return datetime.now(UTC) - timedelta(days=settings.trash_days)


def list_items(session: Session, settings: Settings, project_id: UUID, page: PageQuery) -> Page[TrashItem]:
    after = decode_cursor(page.cursor, Video.deleted_at, Video.id) if page.cursor else None
    rows = queries.items(session, project_id, _since(settings), after, page.limit + 1)
    shown = [TrashItem.model_validate(row) for row in rows[: page.limit]]
    last = shown[-1] if len(rows) > page.limit else None
    return Page(items=shown, next_cursor=encode_cursor(last.deleted_at, last.id) if last else None)


def delete_video(session: Session, access: Access, video_id: UUID) -> Freed:
    """Labelled frames stay: work of people is not lost with a file."""
    if not queries.trash_videos(session, access.project_id, [video_id], labelled_too=False):
        raise NotFound("video")
    jobs.cancel_unfinished(
        session, access.project_id, queries.jobs_of_predictions(session, access.project_id, [video_id])
    )
    audit.record(session, access.user, access.project_id, "video.delete", video=str(video_id))
    return Freed(bytes_freed=queries.size(session, access.project_id, _EVER, video_id))


def delete_recording(session: Session, access: Access, recording_id: UUID) -> Freed:
    """With everything in it: videos, frames, labels and predictions."""
    videos = queries.videos_of(session, access.project_id, recording_id)
    if not queries.trash_recording(session, access.project_id, recording_id):
        raise NotFound("recording")
    queries.trash_videos(session, access.project_id, videos, labelled_too=True)
    jobs.cancel_unfinished(session, access.project_id, queries.jobs_of_predictions(session, access.project_id, videos))
    audit.record(session, access.user, access.project_id, "recording.delete", recording=str(recording_id))
    return Freed(bytes_freed=queries.size(session, access.project_id, _EVER, recording_id))


def restore(session: Session, settings: Settings, access: Access, kind: Kind, id: UUID) -> Restored:
    at = queries.deleted_at(session, access.project_id, kind, id, _since(settings))
    if at is None:
        raise NotFound(kind)
    if (parent := queries.parent_in_trash(session, kind, id)) is not None:
        raise Conflict("trash.parent", f"Its {parent} lies in the trash too. Restore the {parent} first.")
    queries.restore(session, kind, id, at)
    audit.record(session, access.user, access.project_id, f"{kind}.restore", id=str(id))
    return Restored(kind=kind, id=id)


def restore_project(session: Session, settings: Settings, user: User, project_id: UUID) -> Restored:
    if not queries.restore_project(session, user.id, project_id, _since(settings)):
        raise NotFound("project")
    audit.record(session, user, project_id, "project.restore")
    return Restored(kind="project", id=project_id)


def empty(session: Session, settings: Settings, access: Access) -> Freed:
    """From here on nothing comes back. The files are removed by the housekeeping, after the commit."""
    freed = queries.size(session, access.project_id, _since(settings))
    queries.expire(session, access.project_id)
    audit.record(session, access.user, access.project_id, "trash.empty", bytes_freed=freed)
    return Freed(bytes_freed=freed)
