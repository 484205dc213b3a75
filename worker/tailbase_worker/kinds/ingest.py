"""ingest: read what a video really holds, and accept or reject it."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core import jobs, news
from tailbase_core.errors import NotFound
from tailbase_core.jobs.moves import video_ids
from tailbase_core.tables import Upload, Video
from tailbase_worker.child import ChildDied, ChildFailed
from tailbase_worker.work import Publish, Work

_FACTS = ("frame_count", "fps_num", "fps_den", "width", "height", "duration_s", "codec", "sha256", "size_bytes")


def run(work: Work) -> Publish:
    ids = video_ids(work.claim.spec)
    rejected: dict[str, str] = {}
    for number, video_id in enumerate(ids):
        if (video := _unread(work, video_id)) is not None and (reason := _read(work, video)) is not None:
            rejected[str(video_id)] = reason.code
            _reject(work, video, reason)
        work.pulse.progress("reading", number + 1, len(ids))
    result = {"videos": len(ids), "rejected": rejected if len(ids) > 1 else next(iter(rejected.values()), None)}
    return lambda _session: jobs.Succeeded(result)


def _unread(work: Work, video_id: UUID) -> Video | None:
    """The video, unless it was read by an earlier attempt or deleted meanwhile."""
    with work.transaction() as session:
        try:
            video = work.video_row(session, video_id)
        except NotFound:
            return None
        return video if video.state == "processing" else None


def _read(work: Work, video: Video) -> ChildFailed | None:
    """Publish what the video holds, or say why it is rejected."""
    out = work.folder(str(video.id))
    try:
        facts = _probe(work, work.video(video), out)
    except NotFound:
        return ChildFailed("video.missing", "The file is no longer where it was registered. Put it back, or link it.")
    except ChildDied as died:
        if not died.crashed:
            raise
        return ChildFailed("video.decoder_crash", "The video is damaged so badly that reading it crashes. Convert it.")
    except ChildFailed as error:
        if not error.code.startswith("video."):
            raise
        return error
    if _announced_checksum(work, video) not in (None, facts["sha256"]):
        return ChildFailed("video.checksum", "The file arrived damaged: its checksum differs. Upload it again.")
    _accept(work, video, facts, out)
    return None


def _probe(work: Work, source: Path, out: Path) -> dict[str, Any]:
    limits = work.settings.videos
    return work.child(
        "probe", source,
        "--poster", out / "poster.jpg",
        "--times", out / "times.npy",
        "--max-frames", limits.max_frames,
        "--max-side", limits.max_side,
        "--max-pixels", limits.max_pixels,
        seconds=limits.probe_seconds,
    )  # fmt: skip


def _announced_checksum(work: Work, video: Video) -> str | None:
    with work.transaction() as session:
        return session.scalar(select(Upload.sha256).where(Upload.video_id == video.id, Upload.sha256.is_not(None)))


def _accept(work: Work, video: Video, facts: dict[str, Any], out: Path) -> None:
    prefix = f"projects/{video.project_id}/videos/{video.id}"
    times_key = f"{prefix}/times.npy" if facts.get("times") else None
    poster_key = f"{prefix}/poster.jpg" if (out / "poster.jpg").is_file() else None
    if times_key:
        work.store.put_file(times_key, out / "times.npy")
    if poster_key:
        work.store.put_file(poster_key, out / "poster.jpg")
    with work.fenced() as session:
        row = work.video_row(session, video.id)
        for name in _FACTS:
            setattr(row, name, facts[name])
        row.state, row.error_code, row.error_detail = "ready", None, None
        row.times_key, row.poster_key = times_key, poster_key
        news.tell(session, row.project_id, "video", row.id)
        if row.blob_key is not None:
            _order_proxy(session, work, row)


def _order_proxy(session: Session, work: Work, video: Video) -> None:
    """An uploaded video is looked at soon; one in place gets its proxy when it is first opened."""
    jobs.enqueue(
        session,
        project_id=video.project_id,
        user_id=work.claim.user_id,
        kind="proxy",
        spec={"video_id": str(video.id)},
        title=f"Prepare {video.name} for the browser",
        priority=0,
    )


def _reject(work: Work, video: Video, reason: ChildFailed) -> None:
    """A rejected upload leaves no half object and gives its quota back."""
    with work.fenced() as session:
        row = work.video_row(session, video.id)
        row.state, row.error_code, row.error_detail = "rejected", reason.code, reason.detail
        key, row.blob_key = row.blob_key, None
        row.size_bytes = None if key else row.size_bytes
        news.tell(session, row.project_id, "video", row.id)
    if key:
        work.store.delete(key)
