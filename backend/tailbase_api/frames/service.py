"""Frames: the list, choosing more, and who may bring one into which state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import REVIEWERS, Access
from tailbase_api.frames import queries
from tailbase_api.frames.schemas import (
    AddIn,
    AssignIn,
    ContextImage,
    FrameIn,
    FrameOut,
    FramePrelabel,
    PrelabelPoint,
    SelectIn,
    VideoOfFrame,
    Wanted,
)
from tailbase_api.jobs import service as jobs
from tailbase_api.pagination import Page, PageQuery, decode_text, encode_text, page_of, select_page
from tailbase_api.prelabels import trigger
from tailbase_api.videos.schemas import Crop
from tailbase_core import news
from tailbase_core.errors import Conflict, Forbidden, Invalid, NotFound
from tailbase_core.shares import in_share
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Frame, Job, Video

MOST_COMPARED = 5
FINISHED = ("submitted", "accepted")


@dataclass(frozen=True)
class Shown:
    """What showing a project's frames needs."""

    keypoints: set[str]
    blind_share: float
    store: BlobStore

    @classmethod
    def of(cls, session: Session, project_id: UUID, store: BlobStore) -> Self:
        return cls(queries.keypoints_in_use(session, project_id), queries.blind_share(session, project_id), store)


def frame_out(row: queries.FrameRow, shown: Shown) -> FrameOut:
    frame, video_name, crop, points, model_id, proposed = row
    keypoints, store = shown.keypoints, shown.store
    blind = in_share(frame.id, shown.blind_share)
    said = [key.split("/") for key in points or {}]
    individuals = {individual for individual, keypoint in said if keypoint in keypoints}
    return FrameOut(
        **{name: getattr(frame, name) for name in _AS_STORED},
        video=None if frame.video_id is None else _video(frame.video_id, video_name, crop),
        image_url=_url(store, frame.image_key),
        thumbnail_url=_url(store, frame.thumbnail_key),
        context=[ContextImage(offset=c["offset"], url=store.download_url(c["key"])) for c in frame.context_keys],
        labelled_points=sum(keypoint in keypoints for _, keypoint in said),
        total_points=len(keypoints) * max(1, len(individuals)),
        assignee=frame.assignee_id,
        second_rater=frame.second_rater_id,
        prelabel=None if model_id is None or blind else _prelabel(model_id, proposed, keypoints),
    )


def _video(video_id: UUID, name: str | None, crop: queries.Json | None) -> VideoOfFrame:
    return VideoOfFrame(id=video_id, name=name or "", crop=Crop.model_validate(crop) if crop else None)


def _prelabel(model_id: UUID, proposed: queries.Points, keypoints: set[str]) -> FramePrelabel:
    placed = [(*key.split("/"), place) for key, place in proposed.items()]
    points = [
        PrelabelPoint(individual_id=UUID(individual), keypoint_id=UUID(keypoint), **place)
        for individual, keypoint, place in placed
        if keypoint in keypoints
    ]
    return FramePrelabel(model_id=model_id, points=points)


_AS_STORED = (
    "id", "recording_id", "frame_index", "source_path", "state", "origin", "score", "width", "height", "note",
    "skipped", "created_at",
)  # fmt: skip


def page_by_age(
    session: Session, store: BlobStore, project_id: UUID, page: PageQuery, wanted: Wanted
) -> Page[FrameOut]:
    """The oldest first, which is the order of labelling."""
    stmt = queries.frames(project_id, wanted)
    rows, cursor = select_page(session, stmt, page, key=Frame.created_at, id=Frame.id, descending=False)
    shown = Shown.of(session, project_id, store)
    return page_of(rows, cursor, lambda row: frame_out(row, shown))


def page_by_benefit(
    session: Session, store: BlobStore, project_id: UUID, page: PageQuery, wanted: Wanted
) -> Page[FrameOut]:
    """The most useful to label first, in the ranking of one round: a page fits the one before after a new round too."""
    model_id, after = _place(session, project_id, page.cursor)
    if model_id is None:
        return page_by_age(session, store, project_id, page, wanted)
    rows = queries.by_benefit(session, project_id, model_id, after, page.limit + 1, wanted)
    shown = Shown.of(session, project_id, store)
    items = [frame_out(row, shown) for row, _ in rows[: page.limit]]
    last = rows[page.limit - 1] if len(rows) > page.limit else None
    cursor = None if last is None else encode_text(f"{model_id}/{last[1]!r}/{last[0][0].id}")
    return Page(items=items, next_cursor=cursor)


def _place(session: Session, project_id: UUID, cursor: str | None) -> tuple[UUID | None, tuple[float, UUID] | None]:
    """The ranking a page is of, and what it begins after. A list that began without a ranking goes on without one."""
    if cursor is None:
        return session.scalar(queries.latest_round(project_id)), None
    parts = decode_text(cursor).split("/")
    if len(parts) == 1:
        return None, None
    try:
        model_id, benefit, frame_id = parts
        return UUID(model_id), (float(benefit), UUID(frame_id))
    except ValueError as wrong:
        raise Invalid("cursor.invalid", "This cursor is not one of ours; start without it.", field="cursor") from wrong


def prelabel(session: Session, project_id: UUID, frame_id: UUID) -> FramePrelabel | None:
    """What a person may take over in this frame."""
    *_, model_id, proposed = queries.frame(session, project_id, frame_id)
    blind = in_share(frame_id, queries.blind_share(session, project_id))
    if model_id is None or blind:
        return None
    return _prelabel(model_id, proposed, queries.keypoints_in_use(session, project_id))


def one(session: Session, store: BlobStore, project_id: UUID, frame_id: UUID) -> FrameOut:
    row = queries.frame(session, project_id, frame_id)
    return frame_out(row, Shown.of(session, project_id, store))


def change(session: Session, store: BlobStore, access: Access, frame_id: UUID, body: FrameIn) -> FrameOut:
    """Change what the request names. Handing out work is for those who review."""
    frame = queries.frame(session, access.project_id, frame_id)[0]
    if body.state is not None:
        _move(session, access, frame_id, frame.state, body.state)
    if "assignee" in body.model_fields_set:
        _hand_out(session, access, [frame_id], "assignee_id", body.assignee)
    if "second_rater" in body.model_fields_set:
        _hand_out(session, access, [frame_id], "second_rater_id", body.second_rater)
    if "note" in body.model_fields_set:
        access.need(REVIEWERS)
        queries.set_fields(session, access.project_id, [frame_id], note=body.note)
    if "skipped" in body.model_fields_set:
        queries.set_fields(session, access.project_id, [frame_id], skipped=body.skipped)
        news.tell(session, access.project_id, "frame", frame_id)
    session.expire(frame)
    return one(session, store, access.project_id, frame_id)


def to_trash(session: Session, access: Access, frame_id: UUID) -> int:
    """The bytes that emptying the trash will free."""
    freed = queries.to_trash(session, access.project_id, frame_id)
    if freed is None:
        raise NotFound("frame")
    audit.record(session, access.user, access.project_id, "frame.delete", frame=str(frame_id))
    news.tell(session, access.project_id, "frame", frame_id)
    return freed


def check_may_label(access: Access, state: str) -> None:
    if state == "accepted" and access.role not in REVIEWERS:
        raise Conflict("frame.accepted", "This frame is accepted. Ask a reviewer to open it again.")


def labelled(session: Session, access: Access, frame_id: UUID, state: str, wanted: str | None) -> None:
    """After a save: the first one makes a draft; the person may ask for another state."""
    after = wanted or ("draft" if state == "todo" else state)
    if after != state:
        _move(session, access, frame_id, state, after)
    news.tell(session, access.project_id, "labels", frame_id)


def select(session: Session, access: Access, body: SelectIn) -> list[Job]:
    """One job a video; a person waits for them."""
    videos = _ready_videos(session, access.project_id, list(dict.fromkeys(body.video_ids)))
    for video in videos:
        _check_range(video, body.start, body.end)
        for start, end in body.ranges:
            _check_range(video, start, end)
    settings = body.model_dump(include={"method", "count", "start", "end", "seed"})
    settings |= body.model_dump(include={"ranges", "preview"}, exclude_defaults=True)
    works = [
        jobs.Work(
            f"Choose {body.count} frames of {video.name}",
            {"video_id": str(video.id), **settings, **_predictions(session, video, body.method)},
        )
        for video in videos
    ]
    return jobs.submit(session, access, "frames", works, priority=jobs.INTERACTIVE)


def _predictions(session: Session, video: Video, method: str) -> dict[str, list[str]]:
    """What a method looks at, for the job's spec."""
    if method in ("kmeans", "uniform"):
        return {}
    needed = 2 if method == "disagreement" else 1
    found = queries.latest_predictions(session, video.project_id, video.id, MOST_COMPARED if needed == 2 else 1)
    if len(found) < needed:
        raise Conflict(
            "frames.no_predictions",
            f"Predict {video.name} with {'two models' if needed == 2 else 'a model'} first: this way of choosing "
            "looks at predictions.",
        )
    return {"prediction_ids": [str(prediction) for prediction in found]}


def add(session: Session, access: Access, body: AddIn) -> Job:
    video = _ready_videos(session, access.project_id, [body.video_id])[0]
    indices = sorted(set(body.indices))
    if video.frame_count is not None and indices[-1] >= video.frame_count:
        raise Invalid(
            "frames.beyond_video", f"{video.name} has {video.frame_count} frames, counted from 0.", field="indices"
        )
    spec: dict[str, Any] = {
        "video_id": str(video.id), "method": "manual", "count": len(indices), "indices": indices, "seed": 0,
        **({} if body.origin == "manual" else {"origin": body.origin}),
    }  # fmt: skip
    work = jobs.Work(f"Add {len(indices)} frames of {video.name}", spec)
    return jobs.submit(session, access, "frames", [work], priority=jobs.INTERACTIVE)[0]


def _ready_videos(session: Session, project_id: UUID, video_ids: list[UUID]) -> Sequence[Video]:
    videos = queries.videos(session, project_id, video_ids)
    if len(videos) < len(video_ids):
        raise NotFound("video")
    if unready := [video.name for video in videos if video.state != "ready"]:
        raise Conflict("video.not_ready", f"Wait until these videos have been read: {', '.join(unready[:5])}.")
    return videos


def _check_range(video: Video, start: int | None, end: int | None) -> None:
    last = max(start or 0, (end or 1) - 1)
    if video.frame_count is not None and last >= video.frame_count:
        raise Invalid("frames.beyond_video", f"{video.name} has {video.frame_count} frames, counted from 0.")


def _move(session: Session, access: Access, frame_id: UUID, before: str, after: str) -> None:
    if before == after:
        return
    if "accepted" in (before, after) and access.role not in REVIEWERS:
        raise Forbidden("Only reviewers, editors and owners accept frames or open accepted ones again.")
    if not queries.set_state(session, access.project_id, frame_id, before, after):
        raise Conflict("frame.changed", "Someone changed the state of this frame just now. Load it again.")
    news.tell(session, access.project_id, "frame", frame_id)
    if after == "accepted":
        queries.set_fields(session, access.project_id, [frame_id], note=None)
    if after in FINISHED and before not in FINISHED:
        queries.set_fields(session, access.project_id, [frame_id], skipped=None)
        trigger.consider(session, access)


def assign(session: Session, access: Access, body: AssignIn) -> int:
    """How many frames were handed out."""
    frame_ids = body.frame_ids or queries.waiting(session, access.project_id, body.count, second=body.second)
    field = "second_rater_id" if body.second else "assignee_id"
    return _hand_out(session, access, frame_ids, field, body.assignee)


def _hand_out(session: Session, access: Access, frame_ids: Sequence[UUID], field: str, user_id: UUID | None) -> int:
    if access.role not in REVIEWERS:
        raise Forbidden("Only reviewers, editors and owners hand out frames.")
    if user_id is not None and not queries.is_member(session, access.project_id, user_id):
        raise NotFound("member")
    changed = queries.set_fields(session, access.project_id, frame_ids, **{field: user_id})
    news.tell(session, access.project_id, "frame", frame_ids[0] if len(frame_ids) == 1 else access.project_id)
    return changed


def _url(store: BlobStore, key: str | None) -> str | None:
    return None if key is None else store.download_url(key)
