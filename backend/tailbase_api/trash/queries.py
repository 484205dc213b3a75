"""SQL of the trash.

What is deleted together carries the same time, the transaction's. It is shown as one item, under the thing that was
deleted, and comes back together.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Row, func, or_, select, text, update
from sqlalchemy.orm import Session

from tailbase_core.tables import (
    Ensemble,
    Frame,
    LabelSet,
    Membership,
    Model,
    Prediction,
    Project,
    Recording,
    Upload,
    Video,
)

TABLES: dict[str, Any] = {
    "recording": Recording,
    "video": Video,
    "frame": Frame,
    "model": Model,
    "ensemble": Ensemble,
    "prediction": Prediction,
}

# Each thing in the trash with its own size and `top`, the thing it was deleted with.
_PARTS = """
with parts as (
  select r.id as top, r.id, 'recording' as kind, r.name, r.deleted_at, 0::bigint as size
    from recordings r where r.project_id = :project and r.deleted_at > :since
  union all
  select coalesce(r.id, v.id), v.id, 'video', v.name, v.deleted_at,
         coalesce(case when v.blob_key is not null then v.size_bytes end, 0) + coalesce(v.proxy_bytes, 0)
    from videos v left join recordings r on r.id = v.recording_id and r.deleted_at = v.deleted_at
   where v.project_id = :project and v.deleted_at > :since and v.state <> 'uploading'
  union all
  select coalesce(r.id, v.id, f.id), f.id, 'frame', coalesce(named.name || ' #' || f.frame_index, f.source_path, ''),
         f.deleted_at, f.size_bytes
    from frames f
    left join videos named on named.id = f.video_id
    left join videos v on v.id = f.video_id and v.deleted_at = f.deleted_at
    left join recordings r on r.id = coalesce(f.recording_id, named.recording_id) and r.deleted_at = f.deleted_at
   where f.project_id = :project and f.deleted_at > :since
  union all
  select m.id, m.id, 'model', m.name, m.deleted_at, m.size_bytes
    from models m where m.project_id = :project and m.deleted_at > :since
  union all
  select e.id, e.id, 'ensemble', e.name, e.deleted_at, 0
    from ensembles e where e.project_id = :project and e.deleted_at > :since
  union all
  select coalesce(r.id, v.id, gone.id, whole.id, p.id), p.id, 'prediction',
         coalesce(m.name, e.name) || ' on ' || named.name, p.deleted_at, p.size_bytes
    from predictions p
    left join models m on m.id = p.model_id
    left join ensembles e on e.id = p.ensemble_id
    left join ensembles whole on whole.id = p.ensemble_id and whole.deleted_at = p.deleted_at
    join videos named on named.id = p.video_id
    left join models gone on gone.id = p.model_id and gone.deleted_at = p.deleted_at
    left join videos v on v.id = p.video_id and v.deleted_at = p.deleted_at
    left join recordings r on r.id = named.recording_id and r.deleted_at = p.deleted_at
   where p.project_id = :project and p.deleted_at > :since
)
"""

# The pieces are constants of this file; every value is bound.
_ITEMS = text(
    _PARTS
    + """
select top.kind, top.id, top.name, top.deleted_at, sum(parts.size)::bigint as size_bytes
  from parts join parts top on top.id = parts.top and top.id = top.top
 where (cast(:after_time as timestamptz) is null
        or (top.deleted_at, top.id) < (cast(:after_time as timestamptz), cast(:after_id as uuid)))
 group by top.kind, top.id, top.name, top.deleted_at
 order by top.deleted_at desc, top.id desc
 limit :limit
"""
)

_SIZE = text(
    _PARTS + "select coalesce(sum(size), 0)::bigint from parts where cast(:top as uuid) is null or top = :top"  # noqa: S608
)


def items(
    session: Session, project_id: UUID, since: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    after_time, after_id = after or (None, None)
    given = {"project": project_id, "since": since, "after_time": after_time, "after_id": after_id, "limit": limit}
    return session.execute(_ITEMS, given).all()


def size(session: Session, project_id: UUID, since: datetime, top: UUID | None = None) -> int:
    """Bytes of all that lies in the project's trash, or of one item and what went with it."""
    return int(session.scalar(_SIZE, {"project": project_id, "since": since, "top": top}) or 0)


def _gone(session: Session, stmt: Any) -> int:
    result = session.execute(stmt.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


def trash_recording(session: Session, project_id: UUID, recording_id: UUID) -> bool:
    stmt = update(Recording).where(
        Recording.id == recording_id, Recording.project_id == project_id, Recording.deleted_at.is_(None)
    )
    if not _gone(session, stmt.values(deleted_at=func.now())):
        return False
    stmt = update(Frame).where(Frame.recording_id == recording_id, Frame.deleted_at.is_(None))
    _gone(session, stmt.values(deleted_at=func.now()))
    return True


def videos_of(session: Session, project_id: UUID, recording_id: UUID) -> Sequence[UUID]:
    stmt = select(Video.id).where(
        Video.project_id == project_id, Video.recording_id == recording_id, Video.deleted_at.is_(None)
    )
    return session.scalars(stmt).all()


def trash_videos(session: Session, project_id: UUID, ids: Sequence[UUID], *, labelled_too: bool) -> int:
    """How many there were. Their predictions go along, and their frames; labelled ones only if asked for."""
    stmt = update(Video).where(Video.id.in_(ids), Video.project_id == project_id, Video.deleted_at.is_(None))
    if not (count := _gone(session, stmt.values(deleted_at=func.now()))):
        return 0
    frames = update(Frame).where(Frame.video_id.in_(ids), Frame.deleted_at.is_(None))
    if not labelled_too:
        labelled = select(LabelSet.frame_id).where(LabelSet.frame_id == Frame.id, LabelSet.points != {})
        frames = frames.where(~labelled.exists())
    _gone(session, frames.values(deleted_at=func.now()))
    predictions = update(Prediction).where(Prediction.video_id.in_(ids), Prediction.deleted_at.is_(None))
    _gone(session, predictions.values(deleted_at=func.now()))
    # An upload under way is aborted by the housekeeping, which looks for those whose time is over.
    uploads = update(Upload).where(Upload.video_id.in_(ids), Upload.completed_at.is_(None))
    _gone(session, uploads.values(expires_at=func.now()))
    return count


def jobs_of_predictions(session: Session, project_id: UUID, video_ids: Sequence[UUID]) -> Sequence[UUID | None]:
    stmt = select(Prediction.job_id).where(Prediction.project_id == project_id, Prediction.video_id.in_(video_ids))
    return session.scalars(stmt).all()


def deleted_at(session: Session, project_id: UUID, kind: str, id: UUID, since: datetime) -> datetime | None:
    """When this thing was deleted, if it still lies in the trash."""
    table = TABLES[kind]
    stmt = select(table.deleted_at).where(table.id == id, table.project_id == project_id, table.deleted_at > since)
    found: datetime | None = session.scalar(stmt.with_for_update())
    return found


def parent_in_trash(session: Session, kind: str, id: UUID) -> str | None:
    """The kind of thing that must come back first."""
    recording = select(Recording.id).where(Recording.deleted_at.is_not(None))
    video = select(Video.id).where(Video.deleted_at.is_not(None))
    checks: dict[str, list[tuple[str, Any]]] = {
        "video": [("recording", recording.join(Video, Video.recording_id == Recording.id).where(Video.id == id))],
        "frame": [
            ("recording", recording.join(Frame, Frame.recording_id == Recording.id).where(Frame.id == id)),
            ("video", video.join(Frame, Frame.video_id == Video.id).where(Frame.id == id)),
        ],
        "prediction": [
            ("video", video.join(Prediction, Prediction.video_id == Video.id).where(Prediction.id == id)),
            (
                "model",
                select(Model.id)
                .join(Prediction, Prediction.model_id == Model.id)
                .where(Prediction.id == id, Model.deleted_at.is_not(None)),
            ),
            (
                "ensemble",
                select(Ensemble.id)
                .join(Prediction, Prediction.ensemble_id == Ensemble.id)
                .where(Prediction.id == id, Ensemble.deleted_at.is_not(None)),
            ),
        ],
    }
    for parent, stmt in checks.get(kind, []):
        if session.scalar(stmt.limit(1)) is not None:
            return parent
    return None


def restore(session: Session, kind: str, id: UUID, at: datetime) -> None:
    """Bring it back with all that was deleted in the same moment below it."""
    videos = select(Video.id).where(Video.recording_id == id) if kind == "recording" else None
    below: dict[str, list[Any]] = {
        "recording": [
            update(Frame).where(or_(Frame.recording_id == id, Frame.video_id.in_(videos))),
            update(Prediction).where(Prediction.video_id.in_(videos)),
            update(Video).where(Video.recording_id == id),
        ] if videos is not None else [],
        "video": [update(Frame).where(Frame.video_id == id), update(Prediction).where(Prediction.video_id == id)],
        "model": [update(Prediction).where(Prediction.model_id == id)],
        "ensemble": [update(Prediction).where(Prediction.ensemble_id == id)],
    }  # fmt: skip
    for stmt in below.get(kind, []):
        table = stmt.entity_description["entity"]
        _gone(session, stmt.where(table.deleted_at == at).values(deleted_at=None))
    table = TABLES[kind]
    _gone(session, update(table).where(table.id == id).values(deleted_at=None))


def restore_project(session: Session, user_id: UUID, project_id: UUID, since: datetime) -> bool:
    """Whether the user owns the project and it still lay in the trash."""
    owned = select(Membership.project_id).where(Membership.user_id == user_id, Membership.role == "owner")
    stmt = update(Project).where(Project.id == project_id, Project.id.in_(owned), Project.deleted_at > since)
    return _gone(session, stmt.values(deleted_at=None)) == 1


def expire(session: Session, project_id: UUID) -> None:
    """Give all that lies in the trash a time so long ago that nobody can restore it and the housekeeping removes it."""
    for table in TABLES.values():
        stmt = update(table).where(table.project_id == project_id, table.deleted_at.is_not(None))
        _gone(session, stmt.values(deleted_at=text("'epoch'::timestamptz")))
