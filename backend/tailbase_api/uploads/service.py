"""Opening, continuing, completing and aborting uploads. The bytes themselves go straight to the storage."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.recordings import service as recordings
from tailbase_api.services import Services
from tailbase_api.uploads import queries
from tailbase_api.uploads.schemas import PartReceived, PartUrl, UploadDone, UploadIn, UploadOut
from tailbase_api.videos import service as videos
from tailbase_core.errors import Conflict, Invalid, TooLarge, TooManyRequests
from tailbase_core.settings import UploadLimits
from tailbase_core.storage import BlobStore, Part
from tailbase_core.tables import Upload, Video

_MOST_PARTS = 10_000
_MOST_OPEN = 200
_LONGEST_NAME = 300


class UploadTooLarge(TooLarge):
    code = "upload.too_large"


class QuotaFull(TooManyRequests):
    code, title = "upload.quota", "No room for this upload"


def start(session: Session, services: Services, access: Access, body: UploadIn) -> UploadOut:
    limits = services.settings.uploads
    _check_room(session, limits, access.project_id, body.size_bytes)
    name = PurePosixPath(body.filename.replace("\\", "/")).name[-_LONGEST_NAME:] or "file"
    upload = Upload(
        id=uuid4(),
        project_id=access.project_id,
        user_id=access.user.id,
        purpose=body.purpose,
        filename=name,
        size_bytes=body.size_bytes,
        part_bytes=max(limits.part_bytes, -(-body.size_bytes // _MOST_PARTS)),
        sha256=body.sha256,
        expires_at=datetime.now(UTC) + timedelta(hours=limits.expire_hours),
    )
    upload.blob_key = f"projects/{access.project_id}/uploads/{upload.id}"
    if body.purpose == "video":
        video = _new_video(session, access, name, body.size_bytes)
        upload.video_id, upload.blob_key = video.id, str(video.blob_key)
    upload.multipart_id = services.store.start_multipart(upload.blob_key)
    session.add(upload)
    session.flush()
    return _show(upload, services.store, [])


def _check_room(session: Session, limits: UploadLimits, project_id: UUID, size: int) -> None:
    if size == 0:
        raise Invalid("upload.empty", "This file is empty.", field="size_bytes")
    if size > limits.max_bytes:
        raise UploadTooLarge(f"A file may have {limits.max_bytes.human_readable()} at most.", field="size_bytes")
    queries.lock_project(session, project_id)
    count, opened = queries.open_uploads(session, project_id)
    if count >= _MOST_OPEN:
        raise QuotaFull(f"This project has {count} unfinished uploads. Finish or abort some first.")
    if queries.stored_bytes(session, project_id) + opened + size > limits.quota_bytes:
        quota = limits.quota_bytes.human_readable()
        raise QuotaFull(
            f"This project may store {quota}, unfinished uploads included. Empty the trash, or delete videos."
        )


def _new_video(session: Session, access: Access, name: str, size: int) -> Video:
    placed = recordings.place(session, access, [name])[0]
    video = Video(
        id=uuid4(),
        project_id=access.project_id,
        recording_id=placed.recording_id,
        view_id=placed.view_id,
        name=name,
        state="uploading",
        size_bytes=size,
        crop={},
    )
    video.blob_key = f"projects/{access.project_id}/videos/{video.id}/source"
    session.add(video)
    session.flush()
    return video


def show(session: Session, services: Services, project_id: UUID, upload_id: UUID) -> UploadOut:
    upload = queries.upload(session, project_id, upload_id)
    if upload.completed_at is not None:
        raise Conflict("upload.complete", "This upload is complete.")
    return _show(upload, services.store, services.store.list_parts(upload.blob_key, upload.multipart_id))


def _sizes(upload: Upload) -> dict[int, int]:
    """How long each part must be: all alike but for the last."""
    total = -(-upload.size_bytes // upload.part_bytes)
    last = upload.size_bytes - (total - 1) * upload.part_bytes
    return {number: last if number == total else upload.part_bytes for number in range(1, total + 1)}


def _show(upload: Upload, store: BlobStore, arrived: Sequence[Part]) -> UploadOut:
    sizes = _sizes(upload)
    good = {part.number: part.size for part in arrived if sizes.get(part.number) == part.size}

    def url(number: int, size: int) -> PartUrl:
        address = store.part_url(upload.blob_key, upload.multipart_id, number, size)
        return PartUrl(number=number, url=address, size=size)

    return UploadOut(
        upload_id=upload.id,
        video_id=upload.video_id,
        purpose=upload.purpose,
        filename=upload.filename,
        size_bytes=upload.size_bytes,
        part_bytes=upload.part_bytes,
        parts_total=len(sizes),
        received=[PartReceived(number=number, size=size) for number, size in sorted(good.items())],
        parts=[url(number, size) for number, size in sizes.items() if number not in good],
    )


def complete(session: Session, services: Services, access: Access, upload_id: UUID) -> UploadDone:
    """Join the parts once all have come. Done twice, the second answers the same."""
    upload = queries.upload(session, access.project_id, upload_id)
    if upload.completed_at is None:
        _join(services.store, upload)
        upload.completed_at = datetime.now(UTC)
        audit.record(session, access.user, access.project_id, "upload.complete", name=upload.filename)
        if upload.video_id is not None:
            video = queries.video(session, access.project_id, upload.video_id)
            video.state = "processing"
            session.flush()
            title = f"Look at {video.name}"
            videos.ingest(session, access, [video.id], title, priority=jobs.INTERACTIVE)
    if upload.video_id is None:
        return UploadDone(upload_id=upload.id)
    shown = videos.show(session, services.store, access.project_id, upload.video_id)
    job = videos.ingest_job(session, access.project_id, upload.video_id)
    return UploadDone(upload_id=upload.id, video=shown, job=jobs.job_out(job, services.store) if job else None)


def _join(store: BlobStore, upload: Upload) -> None:
    arrived = {part.number: part for part in store.list_parts(upload.blob_key, upload.multipart_id)}
    sizes = _sizes(upload)
    if missing := sorted(set(sizes) - set(arrived)):
        raise Invalid("upload.incomplete", f"{len(missing)} parts have not arrived.", missing=missing[:100])
    if wrong := [number for number, size in sizes.items() if arrived[number].size != size]:
        raise Conflict(
            "upload.size", "Some parts have another size than announced. Send them again.", parts=wrong[:100]
        )
    store.complete_multipart(upload.blob_key, upload.multipart_id, [arrived[number] for number in sizes])
    if store.size(upload.blob_key) != upload.size_bytes:
        store.delete(upload.blob_key)
        raise Conflict("upload.size", "The file has another size than announced. Start the upload again.")


def abort(session: Session, services: Services, access: Access, upload_id: UUID) -> None:
    upload = queries.upload(session, access.project_id, upload_id)
    if upload.completed_at is not None:
        raise Conflict("upload.complete", "This upload is complete. Delete the video instead.")
    video_id = upload.video_id
    services.store.abort_multipart(upload.blob_key, upload.multipart_id)
    session.delete(upload)
    session.flush()
    if video_id is not None:
        queries.forget_video(session, access.project_id, video_id)
