"""Part-wise uploads: open, PUT the parts where the reply says, complete. What was sent need not be sent again."""

from uuid import UUID

from fastapi import Response

from tailbase_api.deps import EditorAccess, ServicesDep, SessionDep
from tailbase_api.routing import feature_router
from tailbase_api.uploads import service
from tailbase_api.uploads.schemas import UploadDone, UploadIn, UploadOut

router = feature_router("uploads")

UPLOADS = "/projects/{project_id}/uploads"
UPLOAD = UPLOADS + "/{upload_id}"


@router.post(UPLOADS, status_code=201)
def create_upload(access: EditorAccess, body: UploadIn, session: SessionDep, services: ServicesDep) -> UploadOut:
    return service.start(session, services, access, body)


@router.get(UPLOAD)
def get_upload(access: EditorAccess, upload_id: UUID, session: SessionDep, services: ServicesDep) -> UploadOut:
    return service.show(session, services, access.project_id, upload_id)


@router.post(UPLOAD + "/complete", responses={202: {"model": UploadDone, "description": "A video, being looked at"}})
def complete_upload(
    access: EditorAccess, upload_id: UUID, session: SessionDep, services: ServicesDep, response: Response
) -> UploadDone:
    done = service.complete(session, services, access, upload_id)
    response.status_code = 202 if done.video else 200
    return done


@router.delete(UPLOAD, status_code=204)
def abort_upload(access: EditorAccess, upload_id: UUID, session: SessionDep, services: ServicesDep) -> None:
    service.abort(session, services, access, upload_id)
