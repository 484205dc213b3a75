"""Writes an import bundle into the database, within one transaction: all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tailbase.schema import ImageRef, Labels, PointState
from tailbase_core import jobs, news
from tailbase_core.name_patterns import USUAL, match_name
from tailbase_core.tables import (
    Edge,
    Frame,
    Individual,
    Keypoint,
    LabelEvent,
    LabelSet,
    Project,
    Recording,
    Video,
    View,
)
from tailbase_worker.child import ChildFailed
from tailbase_worker.labels import OUT_OF_DOMAIN

INGEST_AT_ONCE = 100
_LONGEST_NAME = 120
_STATES = {PointState.VISIBLE: "visible", PointState.OCCLUDED: "occluded", PointState.ABSENT: "absent"}


@dataclass(frozen=True)
class Bundle:
    """`shown` is what a browser gets of each image; `out_of_domain` names those that are only to be tested on."""

    labels: Labels
    videos: list[dict[str, Any]]
    shown: dict[str, dict[str, Any]]
    out_of_domain: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Image:
    frame_id: UUID
    key: str
    thumbnail_key: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True)
class VideoSource:
    """A blob of ours, or a place under a root."""

    video_id: UUID
    blob_key: str | None
    root: str | None
    relative_path: str | None
    size_bytes: int | None = None


@dataclass
class _Into:
    """The project that is written to, and what of it is known by name."""

    session: Session
    project: Project
    pattern: str
    user_id: UUID | None
    recordings: dict[str, UUID]
    views: dict[str, UUID]
    videos: dict[str, UUID]


def check_skeleton(session: Session, project_id: UUID, bundle: Bundle, create: bool) -> None:
    """Refuse, before anything is stored, names that the project does not have and may not get."""
    known = set(session.scalars(_keypoint_names(project_id)))
    missing = [name for name in bundle.labels.skeleton.names if name not in known]
    if missing and not create:
        listed = ", ".join(missing[:10])
        raise ChildFailed("import.unknown_keypoints", f"The project has no keypoint {listed}. Allow to add keypoints.")


def load(
    session: Session,
    claim: jobs.Claim,
    bundle: Bundle,
    images: dict[str, Image],
    videos: dict[str, VideoSource],
    pattern: str | None,
) -> dict[str, int]:
    """Counts of what was added. Images that are there already stay as they are."""
    # Two imports into one project take turns, or both would add the same names.
    project = session.scalars(select(Project).where(Project.id == claim.project_id).with_for_update()).one()
    recordings = {r.name: r.id for r in session.scalars(_alive(Recording, project.id))}
    into = _Into(session, project, pattern or project.name_pattern, claim.user_id, recordings, {}, {})
    into.views = {view.name: view.id for view in session.scalars(select(View).where(View.project_id == project.id))}
    keypoints, added = _add_skeleton(into, bundle)
    individuals = _add_individuals(into, bundle.labels.individuals)
    counts = {"keypoints": added, "videos": _add_videos(into, bundle, videos)}
    counts |= _add_frames(into, bundle.labels, images, individuals, keypoints)
    counts["out_of_domain"] = _set_apart(into, bundle.out_of_domain)
    news.tell(session, project.id, "frame", project.id)
    news.tell(session, project.id, "video", project.id)
    return counts


def _keypoint_names(project_id: UUID) -> Any:
    return select(Keypoint.name).where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))


def _alive(table: Any, project_id: UUID) -> Any:
    return select(table).where(table.project_id == project_id, table.deleted_at.is_(None))


def _add_skeleton(into: _Into, bundle: Bundle) -> tuple[list[UUID], int]:
    """Ids of the bundle's keypoints in its order, and how many of them are added to the project."""
    session, skeleton = into.session, bundle.labels.skeleton
    rows = {row.name: row for row in session.scalars(_project_keypoints(into.project.id))}
    position = max((row.position for row in rows.values()), default=-1) + 1
    fresh = [keypoint for keypoint in skeleton.keypoints if keypoint.name not in rows]
    for number, keypoint in enumerate(fresh):
        view_id = _view(into, keypoint.view, mirrored=True) if keypoint.view else None
        rows[keypoint.name] = Keypoint(
            project_id=into.project.id,
            name=keypoint.name,
            color=keypoint.color,
            part=keypoint.part,
            position=position + number,
            view_id=view_id,
        )
        session.add(rows[keypoint.name])
    session.flush()
    for keypoint in fresh:
        rows[keypoint.name].partner_id = rows[keypoint.partner].id if keypoint.partner else None
    _add_edges(into, [(rows[start].id, rows[end].id) for start, end in skeleton.edges])
    for row in rows.values():
        row.retired_at = None if row.name in skeleton.names else row.retired_at
    return [rows[name].id for name in skeleton.names], len(fresh)


def _project_keypoints(project_id: UUID) -> Any:
    """Retired ones too, which come back under their id; where names repeat, the one in use counts."""
    return (
        select(Keypoint)
        .where(Keypoint.project_id == project_id)
        .order_by(Keypoint.retired_at.asc().nulls_last(), Keypoint.position)
    )


def _add_edges(into: _Into, edges: Sequence[tuple[UUID, UUID]]) -> None:
    known = {
        frozenset((edge.start_id, edge.end_id))
        for edge in into.session.scalars(select(Edge).where(Edge.project_id == into.project.id))
    }
    for start, end in edges:
        if frozenset((start, end)) not in known:
            into.session.add(Edge(project_id=into.project.id, start_id=start, end_id=end))
            known.add(frozenset((start, end)))


def _view(into: _Into, name: str, mirrored: bool = False) -> UUID:
    if name not in into.views:
        view = View(project_id=into.project.id, name=name, mirrored=mirrored, position=len(into.views))
        into.session.add(view)
        into.session.flush()
        into.views[name] = view.id
    return into.views[name]


def _add_individuals(into: _Into, names: Sequence[str]) -> list[UUID]:
    """Ids of the named animals in their order; the project's animals are known by name."""
    query = select(Individual).where(Individual.project_id == into.project.id, Individual.recording_id.is_(None))
    rows = {row.name: row for row in into.session.scalars(query)}
    for name in names:
        if name not in rows:
            rows[name] = Individual(project_id=into.project.id, name=name, position=len(rows))
            into.session.add(rows[name])
    into.session.flush()
    return [rows[name].id for name in names]


def _recording(into: _Into, path: str, fallback: str) -> UUID:
    """The recording a file belongs to by the pattern, made where there is none."""
    match = match_name(into.pattern, path)
    name = (match.title if match else fallback)[:_LONGEST_NAME] or "imported"
    if name not in into.recordings:
        fields = dict(match.fields) if match else {}
        usual = {field: fields.pop(field, None) for field in USUAL}
        row = Recording(project_id=into.project.id, name=name, fields=fields, **usual)
        into.session.add(row)
        into.session.flush()
        into.recordings[name] = row.id
    return into.recordings[name]


def _add_videos(into: _Into, bundle: Bundle, sources: dict[str, VideoSource]) -> int:
    known = {(v.root, v.relative_path, v.name): v.id for v in into.session.scalars(_alive(Video, into.project.id))}
    fresh: list[Video] = []
    for video in bundle.videos:
        if (source := sources.get(video["path"])) is None:
            continue
        name = PurePosixPath(video["path"]).name
        video_id = known.get((source.root, source.relative_path, name))
        if video_id is None:
            fresh.append(row := _video(into, video, name, source))
            video_id = row.id
        into.videos[video["name"]] = video_id
    into.session.add_all(fresh)
    into.session.flush()
    for first in range(0, len(fresh), INGEST_AT_ONCE):
        _order_ingest(into, fresh[first : first + INGEST_AT_ONCE])
    return len(fresh)


def _video(into: _Into, video: dict[str, Any], name: str, source: VideoSource) -> Video:
    return Video(
        id=source.video_id,
        project_id=into.project.id,
        recording_id=_recording(into, video["path"], str(video["recording"])),
        view_id=_view(into, video["view"]) if video.get("view") else None,
        name=name,
        state="processing",
        blob_key=source.blob_key,
        root=source.root,
        relative_path=source.relative_path,
        size_bytes=source.size_bytes,
    )


def _order_ingest(into: _Into, videos: Sequence[Video]) -> None:
    jobs.enqueue(
        into.session,
        project_id=into.project.id,
        user_id=into.user_id,
        kind="ingest",
        spec={"video_ids": [str(video.id) for video in videos]},
        title=f"Read {len(videos)} imported videos" if len(videos) > 1 else f"Read {videos[0].name}",
        priority=0,
    )


def _add_frames(
    into: _Into, labels: Labels, images: dict[str, Image], individuals: list[UUID], keypoints: list[UUID]
) -> dict[str, int]:
    alive = list(into.session.scalars(_alive(Frame, into.project.id)))
    paths = {frame.source_path for frame in alive if frame.source_path}
    places = {(frame.video_id, frame.frame_index) for frame in alive if frame.video_id}
    counts = {"frames": 0, "points": 0, "already_there": 0, "without_image": 0}
    for row, ref in enumerate(labels.images):
        if ref.path not in images:
            counts["without_image"] += 1
            continue
        frame = _frame(into, ref, images[ref.path])
        place = (frame.video_id, frame.frame_index)
        if ref.path in paths or (frame.video_id is not None and place in places):
            counts["already_there"] += 1
            continue
        points = _points(labels, row, individuals, keypoints)
        frame.state = "submitted" if points else "todo"
        into.session.add(frame)
        into.session.flush([frame])
        if points:
            _add_labels(into, frame, points)
        places.add(place)
        counts["frames"] += 1
        counts["points"] += len(points)
    return counts


def _set_apart(into: _Into, images: frozenset[str]) -> int:
    """Mark the recordings that have images out of domain and no others; gives how many."""
    if not images:
        return 0
    shown: dict[UUID | None, set[str | None]] = {}
    frames = select(Frame.recording_id, Frame.source_path).where(
        Frame.project_id == into.project.id, Frame.deleted_at.is_(None), Frame.recording_id.is_not(None)
    )
    for recording, path in into.session.execute(frames):
        shown.setdefault(recording, set()).add(path)
    apart = [recording for recording, paths in shown.items() if paths <= images]
    for row in into.session.scalars(select(Recording).where(Recording.id.in_(apart))):
        row.fields = row.fields | OUT_OF_DOMAIN
    return len(apart)


def _frame(into: _Into, ref: ImageRef, image: Image) -> Frame:
    """Of a video where the image was found in one; else of an image set, which keeps its folder as the recording."""
    video_id = into.videos.get(ref.video) if ref.video and ref.frame_index is not None else None
    folder = ref.recording or PurePosixPath(ref.path).parent.name
    video = into.session.get(Video, video_id) if video_id else None
    return Frame(
        id=image.frame_id,
        project_id=into.project.id,
        video_id=video_id,
        recording_id=video.recording_id if video else _recording(into, f"{folder}.mp4", folder),
        frame_index=ref.frame_index if video else None,
        source_path=ref.path,
        image_key=image.key,
        thumbnail_key=image.thumbnail_key,
        width=image.width,
        height=image.height,
        size_bytes=image.size_bytes,
        origin="import",
        # Not now(): frames of one transaction keep their order.
        created_at=func.clock_timestamp(),
    )


def _points(labels: Labels, row: int, individuals: list[UUID], keypoints: list[UUID]) -> dict[str, dict[str, Any]]:
    points: dict[str, dict[str, Any]] = {}
    for animal, joint in np.argwhere(labels.states[row] != PointState.UNLABELED):
        x, y = (float(value) if np.isfinite(value) else None for value in labels.points[row, animal, joint])
        state = _STATES[PointState(int(labels.states[row, animal, joint]))]
        points[f"{individuals[animal]}/{keypoints[joint]}"] = {"x": x, "y": y, "state": state}
    return points


def _add_labels(into: _Into, frame: Frame, points: dict[str, dict[str, Any]]) -> None:
    labels = LabelSet(project_id=into.project.id, frame_id=frame.id, version=1, points=points, updated_at=func.now())
    into.session.add(labels)
    into.session.flush([labels])
    into.session.add(LabelEvent(labels_id=labels.id, version=1, user_id=into.user_id, changes=points))
