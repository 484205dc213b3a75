"""Recordings and the preview of file-name patterns."""

from uuid import UUID

from tailbase_api.deps import EditorAccess, ServicesDep, SessionDep, ViewerAccess
from tailbase_api.jobs.limits import EditorAsks
from tailbase_api.jobs.schemas import JobReply
from tailbase_api.jobs.service import job_out
from tailbase_api.pagination import Page, PageDep
from tailbase_api.recordings import service
from tailbase_api.recordings.schemas import (
    CalibrationIn,
    PreviewIn,
    PreviewOut,
    RecordingDetail,
    RecordingIn,
    RecordingOut,
    RecordingPatch,
)
from tailbase_api.routing import feature_router
from tailbase_api.schemas import Freed
from tailbase_api.trash import service as trash

router = feature_router("recordings")

RECORDINGS = "/projects/{project_id}/recordings"


@router.get(RECORDINGS)
def list_recordings(access: ViewerAccess, session: SessionDep, page: PageDep) -> Page[RecordingDetail]:
    return service.list_recordings(session, access.project_id, page)


@router.post(RECORDINGS, status_code=201)
def create_recording(access: EditorAccess, body: RecordingIn, session: SessionDep) -> RecordingOut:
    return service.create(session, access, body)


@router.post(RECORDINGS + "/preview-pattern")
def preview_pattern(access: ViewerAccess, body: PreviewIn) -> list[PreviewOut]:  # noqa: ARG001
    return service.preview(body.pattern, body.names)


@router.get(RECORDINGS + "/{recording_id}")
def get_recording(access: ViewerAccess, recording_id: UUID, session: SessionDep) -> RecordingDetail:
    return service.show(session, access.project_id, recording_id)


@router.patch(RECORDINGS + "/{recording_id}")
def change_recording(
    access: EditorAccess, recording_id: UUID, body: RecordingPatch, session: SessionDep
) -> RecordingOut:
    return service.change(session, access, recording_id, body)


@router.delete(RECORDINGS + "/{recording_id}")
def delete_recording(access: EditorAccess, recording_id: UUID, session: SessionDep) -> Freed:
    return trash.delete_recording(session, access, recording_id)


@router.put(RECORDINGS + "/{recording_id}/calibration", status_code=202)
def put_calibration(
    access: EditorAsks, recording_id: UUID, body: CalibrationIn, session: SessionDep, services: ServicesDep
) -> JobReply:
    """The cameras' calibration. A job reads it; a file that cannot be read fails the job and changes nothing."""
    job = service.put_calibration(session, services.store, access, recording_id, body)
    return JobReply(job=job_out(job, services.store))


@router.delete(RECORDINGS + "/{recording_id}/calibration", status_code=204)
def delete_calibration(access: EditorAccess, recording_id: UUID, session: SessionDep) -> None:
    service.delete_calibration(session, access, recording_id)
