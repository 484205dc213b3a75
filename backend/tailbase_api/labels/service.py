"""Reading and saving the labels of a frame."""

import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api.deps import REVIEWERS, Access
from tailbase_api.frames import service as frames
from tailbase_api.labels import queries
from tailbase_api.labels.schemas import History, HistoryEntry, LabelsIn, LabelsOut, PointChange, Points, changes_out
from tailbase_core import news
from tailbase_core.errors import Forbidden, Invalid, NotFound, PreconditionRequired, Stale

# Where the size of an image is not known, coordinates beyond this are a mistake too.
_FAR = 1_000_000


def read(session: Session, project_id: UUID, frame_id: UUID, rater: UUID | None = None) -> LabelsOut:
    """The shared labels, or those of a second rater."""
    found = queries.frame_labels(session, project_id, frame_id, rater)
    return LabelsOut.of(frame_id, found.version, found.points)


def rater_shown_to(access: Access, rater: UUID | None) -> UUID | None:
    """Two people label a frame without seeing each other's points: only those who review look at both."""
    if rater is not None and rater != access.user.id:
        access.need(REVIEWERS)
    return rater


def save_own(session: Session, access: Access, frame_id: UUID, if_match: str | None, body: LabelsIn) -> LabelsOut:
    """As `save`, into the second rater's own set; the frame's state is the first rater's business."""
    version, rater = version_of(if_match), access.user.id
    found = queries.frame_labels(session, access.project_id, frame_id, rater)
    if found.second_rater_id != rater:
        raise Forbidden("Only the person who was asked to label this frame a second time has own labels of it.")
    if body.frame_state is not None:
        raise Invalid("labels.own_state", "Own labels do not change the frame's state.", field="frame_state")
    version, points = _store(session, access, found, version, body, rater)
    news.tell(session, access.project_id, "labels", frame_id)
    return LabelsOut.of(frame_id, version, points)


def save(session: Session, access: Access, frame_id: UUID, if_match: str | None, body: LabelsIn) -> LabelsOut:
    """Apply the changes to the version the client has seen, or say what has changed since."""
    version = version_of(if_match)
    found = queries.frame_labels(session, access.project_id, frame_id)
    frames.check_may_label(access, found.state)
    version, points = _store(session, access, found, version, body)
    frames.labelled(session, access, frame_id, found.state, body.frame_state)
    return LabelsOut.of(frame_id, version, points)


def _store(
    session: Session,
    access: Access,
    found: queries.FrameLabels,
    version: int,
    body: LabelsIn,
    rater: UUID | None = None,
) -> tuple[int, Points]:
    _check_inside(body.changes, found.width, found.height)
    _check_ids(session, access.project_id, found.recording_id, body.changes)
    changes: Points = {change.key: change.stored for change in body.changes}
    effort = body.effort.model_dump(mode="json", exclude_none=True) if body.effort else {}
    stored = queries.store(session, access.project_id, found.frame_id, version, changes, access.user.id, effort, rater)
    if stored is None:
        raise _stale(session, access.project_id, found.frame_id, version, rater)
    return stored


def history(session: Session, project_id: UUID, frame_id: UUID, before: str | None, limit: int) -> History:
    queries.frame_labels(session, project_id, frame_id)
    rows = queries.history(session, project_id, frame_id, _version_cursor(before), limit + 1)
    items = [
        HistoryEntry(version=r.version, user=r.user, created_at=r.created_at, changes=changes_out(r.changes))
        for r in rows[:limit]
    ]
    return History(items=items, next_cursor=str(items[-1].version) if len(rows) > limit else None)


def at_version(session: Session, project_id: UUID, frame_id: UUID, version: int) -> LabelsOut:
    """The labels as they stood after that save; of keypoints still in use, so that they can be saved again."""
    queries.frame_labels(session, project_id, frame_id)
    points = queries.points_at(session, project_id, frame_id, version)
    if points is None:
        raise NotFound("version")
    return LabelsOut.of(frame_id, version, points)


def etag(version: int) -> str:
    return f'"v{version}"'


def version_of(if_match: str | None) -> int:
    """The version an If-Match header names. A proxy that compresses makes our tag weak; that changes nothing."""
    if if_match is None:
        raise PreconditionRequired("Send the version you changed as If-Match; GET the labels gives it as ETag.")
    tag = re.fullmatch(r'(?:W/)?"v([0-9]{1,9})"', if_match.strip())
    if tag is None:
        raise Invalid("labels.bad_version", 'If-Match must be one ETag of these labels, such as "v3".')
    return int(tag[1])


def _version_cursor(text: str | None) -> int | None:
    if text is not None and not re.fullmatch(r"[0-9]{1,9}", text):
        raise Invalid("cursor.invalid", "This cursor is not one of ours; start again without it.", field="cursor")
    return None if text is None else int(text)


def _stale(session: Session, project_id: UUID, frame_id: UUID, version: int, rater: UUID | None) -> Stale:
    present = queries.frame_labels(session, project_id, frame_id, rater)
    current = LabelsOut.of(frame_id, present.version, present.points)
    return Stale(
        "Someone saved this frame after you opened it. Put your changes onto the present points and save again.",
        current=current.model_dump(mode="json", include={"version", "points"}),
        changed_keys=queries.keys_changed_since(session, project_id, frame_id, version, rater),
    )


def _check_ids(session: Session, project_id: UUID, recording_id: UUID | None, changes: list[PointChange]) -> None:
    if not changes:
        return
    individuals = {change.individual_id for change in changes}
    keypoints = {change.keypoint_id for change in changes}
    models = {change.model_id for change in changes if change.model_id is not None}
    known = queries.known_ids(session, project_id, recording_id, individuals, keypoints, models)
    if individuals - known:
        raise NotFound("individual")
    if keypoints - known:
        raise NotFound("keypoint")
    if models - known:
        raise NotFound("model")


def _check_inside(changes: Iterable[PointChange], width: int | None, height: int | None) -> None:
    """A point may lie outside the image, where a limb leaves it, by at most the size of the image."""
    for change in changes:
        if change.x is None or change.y is None:
            continue
        if not (_near(change.x, width) and _near(change.y, height)):
            raise Invalid(
                "labels.out_of_bounds",
                f"The point at ({change.x:g}, {change.y:g}) lies far outside the image of {width} x {height} pixels.",
                field="changes",
            )


def _near(value: float, size: int | None) -> bool:
    return abs(value) <= _FAR if size is None else -size <= value <= 2 * size
