"""The times of a camera's frames, by a clock that it shares with other cameras."""

import io
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.videos import queries
from tailbase_api.videos.schemas import CameraTimesIn
from tailbase_core import news
from tailbase_core.database import after_commit
from tailbase_core.errors import Conflict, Invalid
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Video


def put(session: Session, store: BlobStore, access: Access, video_id: UUID, body: CameraTimesIn) -> None:
    """Keep them as a .npy file, which the smoother reads."""
    video = queries.locked(session, access.project_id, video_id)
    if video.state != "ready":
        raise Conflict("video.not_ready", f"Wait until {video.name} has been read.")
    seconds = np.array(body.seconds)
    if len(seconds) != video.frame_count:
        raise Invalid(
            "camera_times.other_length",
            f"{body.filename} has {len(seconds)} times and {video.name} has {video.frame_count} frames.",
            field="seconds",
        )
    if not np.isfinite(seconds).all() or (np.diff(seconds) <= 0).any():
        raise Invalid("camera_times.order", f"The times in {body.filename} do not increase.", field="seconds")
    np.save(file := io.BytesIO(), seconds)
    key = f"projects/{access.project_id}/videos/{video.id}/camera-times/{uuid4()}.npy"
    store.put_bytes(key, file.getvalue())
    _change(session, store, access, video, key)
    video.camera_times = {"filename": body.filename, "first": body.seconds[0], "last": body.seconds[-1]}


def delete(session: Session, store: BlobStore, access: Access, video_id: UUID) -> None:
    video = queries.locked(session, access.project_id, video_id)
    _change(session, store, access, video, None)
    video.camera_times = {}


def _change(session: Session, store: BlobStore, access: Access, video: Video, key: str | None) -> None:
    """The file before goes once the change is certain."""
    before, video.camera_times_key = video.camera_times_key, key
    if before is not None:

        def drop() -> None:
            store.delete(before)

        after_commit(session, drop)
    audit.record(session, access.user, access.project_id, "video.camera-times", video=str(video.id))
    news.tell(session, access.project_id, "video", video.id)
