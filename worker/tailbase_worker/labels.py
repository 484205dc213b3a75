"""A project's labels at one moment, as the library's Labels, with the blobs of their images."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase.formats.neighbours import neighbour_path
from tailbase.schema import SINGLE, Crop, ImageRef, Labels, PointState, Skeleton
from tailbase.schema import Keypoint as SkeletonKeypoint
from tailbase_core.name_patterns import USUAL
from tailbase_core.tables import Edge, Frame, Individual, Keypoint, LabelSet, Recording, Video, View
from tailbase_worker.child import ChildFailed
from tailbase_worker.work import Work

_STATES = {"visible": PointState.VISIBLE, "occluded": PointState.OCCLUDED, "absent": PointState.ABSENT}
OUT_OF_DOMAIN = {"domain": "OOD"}
"""The field of recordings unlike those that networks learn from."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Snapshot:
    """`keys` names the blob of each image and `frames` its frame, in the order of `labels.images`.

    `individuals` and `keypoints` are the ids behind the names in the labels, in the same order. `neighbours` names the
    blobs of the frames before and after the images, by the paths where the library looks for them.
    """

    labels: Labels
    keys: tuple[str, ...]
    frames: tuple[UUID, ...]
    individuals: tuple[UUID, ...]
    keypoints: tuple[UUID, ...]
    neighbours: dict[str, str]


@dataclass(frozen=True)
class _Row:
    frame: Frame
    points: dict[str, Any]
    video: Video | None
    recording: Recording | None
    view: str | None


def take_snapshot(session: Session, project_id: UUID) -> Snapshot:
    """All frames with at least one point; call it in one REPEATABLE READ transaction."""
    skeleton, keypoint_ids = read_skeleton(session, project_id)
    rows = _rows(session, project_id)
    individuals = _individuals(session, project_id, rows)
    paths = _paths(rows)
    recordings = _recording_names(rows)
    points = np.full((len(rows), len(individuals), len(keypoint_ids), 2), np.nan)
    states = np.zeros(points.shape[:3], dtype=np.int8)
    for number, row in enumerate(rows):
        _fill(row.points, list(individuals), keypoint_ids, points[number], states[number])
    images = tuple(
        ImageRef(
            path=path,
            video=_stem(row.video.name) if row.video else None,
            frame_index=row.frame.frame_index if row.video else None,
            recording=recording,
            view=row.view,
            crop=crop_of(row.frame, row.video),
        )
        for path, row, recording in zip(paths, rows, recordings, strict=True)
    )
    labels = Labels(skeleton, tuple(individuals.values()), images, points, states)
    return Snapshot(
        labels,
        keys=tuple(str(row.frame.image_key) for row in rows),
        frames=tuple(row.frame.id for row in rows),
        individuals=tuple(individuals),
        keypoints=tuple(keypoint_ids),
        neighbours=_neighbours(rows, paths),
    )


def read_skeleton(session: Session, project_id: UUID) -> tuple[Skeleton, list[UUID]]:
    """The keypoints in use, and their ids in the same order."""
    keypoints = session.scalars(
        select(Keypoint)
        .where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))
        .order_by(Keypoint.position, Keypoint.name)
    ).all()
    if not keypoints:
        raise ChildFailed("skeleton.empty", "The project has no keypoints yet. Add some to its skeleton first.")
    views = session.scalars(select(View).where(View.project_id == project_id).order_by(View.position, View.name)).all()
    names = {keypoint.id: keypoint.name for keypoint in keypoints}
    view_names = {view.id: view.name for view in views}
    edges = session.scalars(select(Edge).where(Edge.project_id == project_id)).all()
    used = tuple(
        SkeletonKeypoint(
            name=k.name,
            color=k.color,
            partner=names.get(k.partner_id) if k.partner_id else None,
            part=k.part,
            view=view_names.get(k.view_id) if k.view_id else None,
        )
        for k in keypoints
    )
    joined = tuple((names[e.start_id], names[e.end_id]) for e in edges if e.start_id in names and e.end_id in names)
    return Skeleton(keypoints=used, edges=joined, views=tuple(view_names.values())), list(names)


def place_images(work: Work, folder: Path, names: Sequence[str], keys: Sequence[str]) -> None:
    """Put the images where the labels say."""
    for number, (name, key) in enumerate(zip(names, keys, strict=True)):
        work.place(key, folder / name)
        if number % 50 == 49 or number + 1 == len(keys):
            work.pulse.progress("images", number + 1, len(keys))


def facts_of_images(session: Session, project_id: UUID, images: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """For each image, known by its blob: its frame's id and its recording's fields, as `tailbase evaluate` reads."""
    found = session.execute(
        select(Frame.image_key, Frame.id, Recording)
        .outerjoin(Recording, Recording.id == Frame.recording_id)
        .where(Frame.project_id == project_id, Frame.deleted_at.is_(None), Frame.image_key.in_(images.values()))
    )
    facts = {key: {"id": str(frame_id), "fields": _fields(recording)} for key, frame_id, recording in found}
    return {path: facts[key] for path, key in images.items() if key in facts}


def kept_together(labels: Labels, facts: Mapping[str, Mapping[str, Any]], field: str) -> Labels:
    """The labels with the field's value for the recording of each image, so that a split keeps equal ones together.

    An image without a value stays with its own recording. `facts` are those of `facts_of_images`.
    """
    images = []
    for ref in labels.images:
        value = facts.get(ref.path, {}).get("fields", {}).get(field)
        images.append(ref if value is None else ref.model_copy(update={"recording": f"{field} {value}"}))
    return replace(labels, images=tuple(images))


def in_domain(labels: Labels, facts: Mapping[str, Mapping[str, Any]]) -> Labels:
    """The labels without those of recordings that are out of domain, which networks are only tested on."""
    ((name, value),) = OUT_OF_DOMAIN.items()
    said = [str(facts.get(ref.path, {}).get("fields", {}).get(name, "")) for ref in labels.images]
    rows = [row for row, text in enumerate(said) if text.upper() != value]
    images = tuple(labels.images[row] for row in rows)
    return replace(labels, images=images, points=labels.points[rows], states=labels.states[rows])


def _fields(recording: Recording | None) -> dict[str, str]:
    if recording is None:
        return {}
    usual = {name: getattr(recording, name) for name in USUAL}
    return {name: str(value) for name, value in (usual | recording.fields).items() if value not in (None, "")}


def _rows(session: Session, project_id: UUID) -> list[_Row]:
    found = session.execute(
        select(Frame, LabelSet.points, Video, Recording, View.name)
        .join(LabelSet, (LabelSet.frame_id == Frame.id) & LabelSet.rater_id.is_(None))
        .outerjoin(Video, Video.id == Frame.video_id)
        .outerjoin(Recording, Recording.id == Frame.recording_id)
        .outerjoin(View, View.id == Video.view_id)
        .where(Frame.project_id == project_id, Frame.deleted_at.is_(None), LabelSet.points != {})
        .where(Frame.image_key.is_not(None))
        .order_by(Video.name, Frame.frame_index, Frame.source_path, Frame.id)
    )
    return [_Row(*row) for row in found]


def _individuals(session: Session, project_id: UUID, rows: Sequence[_Row]) -> dict[UUID, str]:
    """Those with a point, in their order; names that several recordings use are told apart."""
    used = {key.partition("/")[0] for row in rows for key in row.points}
    known = session.scalars(
        select(Individual).where(Individual.project_id == project_id).order_by(Individual.position, Individual.name)
    ).all()
    chosen = [individual for individual in known if str(individual.id) in used]
    if not chosen:
        return {next((i.id for i in known), UUID(int=0)): next((i.name for i in known), SINGLE)}
    names = [individual.name for individual in chosen]
    return {i.id: i.name if names.count(i.name) == 1 else f"{i.name} {str(i.id)[:8]}" for i in chosen}


def _fill(stored: dict[str, Any], individuals: list[UUID], keypoints: list[UUID], points: Any, states: Any) -> None:
    """Points of retired keypoints stay in the database and out of the labels."""
    animals = {str(id_): position for position, id_ in enumerate(individuals)}
    joints = {str(id_): position for position, id_ in enumerate(keypoints)}
    for key, point in stored.items():
        animal, _, joint = key.partition("/")
        if animal in animals and joint in joints:
            at = animals[animal], joints[joint]
            states[at] = _STATES[point["state"]]
            if point["state"] != "absent" and point["x"] is not None:
                points[at] = point["x"], point["y"]


def crop_of(frame: Frame, video: Video | None) -> Crop | None:
    """The video's, for images of its size: an imported image may be a part of the picture already."""
    if video is None or not video.crop:
        return None
    if (frame.width, frame.height) not in ((video.width, video.height), (None, None)):
        return None
    return Crop.model_validate(video.crop)


def _paths(rows: Sequence[_Row]) -> list[str]:
    """Where each image lies in an export: ``labeled-data/<video>/img00000012.png``, no two alike."""
    taken: set[str] = set()
    paths = []
    for row in rows:
        path = _path(row)
        if path in taken:
            file = PurePosixPath(path)
            path = f"{file.parent}/{file.stem}_{str(row.frame.id)[:8]}{file.suffix}"
        taken.add(path)
        paths.append(path)
    return paths


def _neighbours(rows: Sequence[_Row], paths: Sequence[str]) -> dict[str, str]:
    """A neighbour that is labelled too lies there already."""
    found: dict[str, str] = {}
    for row, path in zip(rows, paths, strict=True):
        for context in row.frame.context_keys:
            place = neighbour_path(PurePosixPath(path), int(context["offset"]))
            if place is not None:
                found[str(place)] = str(context["key"])
    return {place: key for place, key in found.items() if place not in set(paths)}


def _path(row: _Row) -> str:
    suffix = PurePosixPath(str(row.frame.image_key)).suffix
    if row.frame.source_path:
        parts = [safe_name(part) for part in PurePosixPath(row.frame.source_path).parts if part not in ("/", "..")]
        return str(PurePosixPath("labeled-data", *parts[-2:]).with_suffix(suffix))
    folder = safe_name(_stem(row.video.name)) if row.video else "images"
    index = row.frame.frame_index
    name = f"img{index:08d}" if index is not None else str(row.frame.id)
    return f"labeled-data/{folder}/{name}{suffix}"


def _recording_names(rows: Sequence[_Row]) -> list[str | None]:
    """Names of recordings, with a piece of the id where two have the same."""
    ids: dict[str, set[UUID]] = {}
    for row in rows:
        if row.recording is not None:
            ids.setdefault(row.recording.name, set()).add(row.recording.id)
    return [
        None
        if row.recording is None
        else row.recording.name
        if len(ids[row.recording.name]) == 1
        else f"{row.recording.name} {str(row.recording.id)[:8]}"
        for row in rows
    ]


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def safe_name(name: str) -> str:
    return _UNSAFE.sub("_", name).strip(".") or "_"
