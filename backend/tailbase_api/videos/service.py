"""Videos: showing, changing, playing, and registering them in place."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.blobs import links
from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_api.recordings import service as recordings
from tailbase_api.recordings.schemas import RecordingOut
from tailbase_api.services import Services
from tailbase_api.videos import queries
from tailbase_api.videos.schemas import ProxyOut, SourceOut, VideoOut, VideoPatch
from tailbase_core import news
from tailbase_core.errors import Conflict, Invalid, NotFound
from tailbase_core.storage import BlobStore
from tailbase_core.storage.roots import root_named
from tailbase_core.tables import Job, Video
from tailbase_core.tables.jobs import ENDED

LEAST_CROP = 32
"""Pixels; networks would have to enlarge less than that beyond recognition."""

_PLAIN = ("id", "name", "state", "error_code", "error_detail", "root", "relative_path", "size_bytes", "sha256",
          "frame_count", "width", "height", "duration_s", "codec", "created_at")  # fmt: skip


def list_videos(
    session: Session, store: BlobStore, project_id: UUID, page: PageQuery, recording: UUID | None, state: str | None
) -> Page[VideoOut]:
    stmt = queries.videos(project_id, recording, state)
    rows, cursor = select_page(session, stmt, page, key=Video.created_at, id=Video.id)
    return page_of(rows, cursor, lambda row: _show((row[0], row[1], row[2]), store))


def show(session: Session, store: BlobStore, project_id: UUID, video_id: UUID) -> VideoOut:
    return _show(queries.shown(session, project_id, video_id), store)


def _show(row: queries.Shown, store: BlobStore) -> VideoOut:
    video, recording, view = row
    poster = store.download_url(video.poster_key, content_type="image/jpeg") if video.poster_key else None
    return VideoOut.model_validate(
        {name: getattr(video, name) for name in _PLAIN}
        | {
            "recording": RecordingOut.model_validate(recording),
            "view": view,
            "in_place": video.root is not None,
            "fps": _fps(video),
            "fps_value": video.fps_num / video.fps_den if video.fps_num and video.fps_den else None,
            "crop": video.crop or None,
            "camera_times": video.camera_times or None,
            "has_proxy": video.proxy_key is not None,
            "poster_url": poster,
        }
    )


def _fps(video: Video) -> str | None:
    return f"{video.fps_num}/{video.fps_den}" if video.fps_num and video.fps_den else None


def change(session: Session, store: BlobStore, access: Access, video_id: UUID, body: VideoPatch) -> VideoOut:
    video = queries.locked(session, access.project_id, video_id)
    given = body.model_fields_set
    if body.name is not None:
        video.name = body.name
    if body.recording_id is not None:
        if not queries.has_recording(session, access.project_id, body.recording_id):
            raise NotFound("recording")
        video.recording_id = body.recording_id
    if "view" in given:
        video.view_id = recordings.view_named(session, access.project_id, body.view) if body.view else None
    if "crop" in given:
        video.crop = _checked_crop(video, body)
    session.flush()
    audit.record(session, access.user, access.project_id, "video.change", video=str(video.id), changed=sorted(given))
    news.tell(session, access.project_id, "video", video.id)
    return show(session, store, access.project_id, video_id)


def _checked_crop(video: Video, body: VideoPatch) -> dict[str, int]:
    if body.crop is None:
        return {}
    if video.width is None or video.height is None:
        raise Conflict("video.not_ready", f"This video is {video.state}; its size is not known yet.")
    crop, field = body.crop, "crop"
    if crop.x + crop.width > video.width or crop.y + crop.height > video.height:
        size = f"{video.width}x{video.height}"
        raise Invalid("crop.outside", f"The crop leaves the video of {size} pixels.", field=field)
    if crop.width < min(LEAST_CROP, video.width) or crop.height < min(LEAST_CROP, video.height):
        raise Invalid("crop.small", f"The crop must be at least {LEAST_CROP} pixels wide and high.", field=field)
    return crop.model_dump()


def proxy(session: Session, services: Services, access: Access, video_id: UUID) -> ProxyOut:
    """The playable copy; the first who asks has it made, and only once."""
    video = queries.locked(session, access.project_id, video_id)
    if video.proxy_key is not None:
        url = services.store.download_url(video.proxy_key, content_type="video/mp4")
        return ProxyOut(url=url, frame_count=video.frame_count, fps=_fps(video))
    job = queries.latest_job(session, access.project_id, "proxy", video.id)
    if job is not None and job.state == "failed":
        raise Conflict("proxy.failed", job.error_detail or "The playable copy could not be made. Try again.")
    if job is None or job.state in ENDED:
        job = _make_proxy(session, access, video)
    return ProxyOut(job=jobs.job_out(job, services.store))


def make_proxy(session: Session, services: Services, access: Access, video_id: UUID) -> ProxyOut:
    """Once more, whatever became of the last attempt; one under way goes on."""
    video = queries.locked(session, access.project_id, video_id)
    job = queries.latest_job(session, access.project_id, "proxy", video.id)
    if job is None or job.state in ENDED:
        job = _make_proxy(session, access, video)
    return ProxyOut(job=jobs.job_out(job, services.store))


def _make_proxy(session: Session, access: Access, video: Video) -> Job:
    if video.state != "ready":
        raise Conflict("video.not_ready", f"This video is {video.state}; it cannot be played yet.")
    work = jobs.Work(f"Playable copy of {video.name}", {"video_id": str(video.id)})
    return jobs.submit(session, access, "proxy", [work], priority=jobs.INTERACTIVE)[0]


def source(session: Session, services: Services, project_id: UUID, video_id: UUID) -> SourceOut:
    video, _, _ = queries.shown(session, project_id, video_id)
    if video.blob_key is not None and video.state != "uploading":
        return SourceOut(url=services.store.download_url(video.blob_key, filename=PurePosixPath(video.name).name))
    if video.root is None or video.relative_path is None:
        raise Conflict("video.not_ready", "This video is still being uploaded.")
    root = root_named(services.settings, video.root)
    return SourceOut(
        url=root.url(video.relative_path) or links.root_url(services.secret, video.root, video.relative_path)
    )


def read_again(session: Session, access: Access, video_id: UUID) -> Job:
    """For a file that was put back, or that could not be read for reasons of the server."""
    video = queries.locked(session, access.project_id, video_id)
    if video.state != "rejected":
        raise Conflict("video.not_rejected", f"This video is {video.state}; only a rejected one is read again.")
    if video.root is None and video.blob_key is None:
        raise Conflict("video.gone", "The rejected upload was not kept. Upload the file again.")
    video.state, video.error_code, video.error_detail = "processing", None, None
    session.flush()
    news.tell(session, access.project_id, "video", video.id)
    return ingest(session, access, [video.id], f"Read {video.name} again", priority=jobs.INTERACTIVE)


def ingest(session: Session, access: Access, ids: Sequence[UUID], title: str, *, priority: int) -> Job:
    """Have the worker look at videos: probe, poster, state."""
    spec: dict[str, Any] = {"video_id": str(ids[0])} if len(ids) == 1 else {"video_ids": [str(id) for id in ids]}
    return jobs.submit(session, access, "ingest", [jobs.Work(title, spec)], priority=priority)[0]


def ingest_job(session: Session, project_id: UUID, video_id: UUID) -> Job | None:
    return queries.latest_job(session, project_id, "ingest", video_id)


def locked(session: Session, project_id: UUID, video_id: UUID) -> Video:
    return queries.locked(session, project_id, video_id)


def registered(session: Session, project_id: UUID, root: str, paths: Sequence[str]) -> set[str]:
    return queries.registered(session, project_id, root, paths)


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    queries.add_videos(session, rows)
