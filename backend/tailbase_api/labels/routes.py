"""Labels of a frame, saved under If-Match."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Path, Query, Response

from tailbase_api.deps import AnnotatorAccess, SessionDep, ViewerAccess
from tailbase_api.labels import service
from tailbase_api.labels.schemas import History, LabelsIn, LabelsOut
from tailbase_api.routing import feature_router

router = feature_router("labels")
LABELS = "/projects/{project_id}/frames/{frame_id}/labels"
Own = Annotated[bool, Query(description="Your own labels, as the second rater of the frame.")]
Rater = Annotated[UUID | None, Query(description="The labels of this second rater; for those who review.")]
IfMatch = Annotated[str | None, Header(description='The ETag of the labels that were changed, such as "v3".')]


@router.get(LABELS)
def read_labels(
    access: ViewerAccess,
    frame_id: UUID,
    session: SessionDep,
    response: Response,
    own: Own = False,
    rater: Rater = None,
) -> LabelsOut:
    whose = access.user.id if own else service.rater_shown_to(access, rater)
    labels = service.read(session, access.project_id, frame_id, whose)
    response.headers["ETag"] = service.etag(labels.version)
    return labels


@router.patch(LABELS)
def save_labels(
    access: AnnotatorAccess,
    frame_id: UUID,
    body: LabelsIn,
    session: SessionDep,
    response: Response,
    if_match: IfMatch = None,
    own: Own = False,
) -> LabelsOut:
    save = service.save_own if own else service.save
    labels = save(session, access, frame_id, if_match, body)
    response.headers["ETag"] = service.etag(labels.version)
    return labels


@router.get(LABELS + "/history")
def read_history(
    access: ViewerAccess,
    frame_id: UUID,
    session: SessionDep,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> History:
    return service.history(session, access.project_id, frame_id, cursor, limit)


@router.get(LABELS + "/history/{version}")
def read_version(
    access: ViewerAccess, frame_id: UUID, version: Annotated[int, Path(ge=1, lt=2**31)], session: SessionDep
) -> LabelsOut:
    return service.at_version(session, access.project_id, frame_id, version)
