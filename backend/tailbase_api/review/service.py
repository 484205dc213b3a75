"""Working together: progress, differences between people, and probable mistakes."""

import math
from collections import defaultdict
from statistics import fmean, median
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from tailbase.labelling.checks import Finding, find_mistakes
from tailbase_api.frames.schemas import VideoName
from tailbase_api.review import queries
from tailbase_api.review.queries import Points
from tailbase_api.review.schemas import (
    FindingOut,
    FindingsOut,
    FrameDifference,
    KeypointDifference,
    PersonProgress,
    RatersOut,
)
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Frame

MOST_SHOWN = 200


def raters(session: Session, project_id: UUID) -> RatersOut:
    """Differences of all frames that two people have labelled."""
    by_keypoint: dict[str, list[float]] = defaultdict(list)
    frames, disputed = [], 0
    for frame_id, rater, first, second in queries.rated_twice(session, project_id):
        apart = _apart(first, second)
        disputed += sum((first[key]["x"] is None) != (second[key]["x"] is None) for key in first.keys() & second.keys())
        for key, distance in apart.items():
            by_keypoint[key.split("/")[1]].append(distance)
        if apart:
            mean = fmean(apart.values())
            frames.append(FrameDifference(frame_id=frame_id, second_rater=rater, mean_px=mean, points=len(apart)))
    every = [distance for distances in by_keypoint.values() for distance in distances]
    return RatersOut(
        mean_px=fmean(every) if every else None,
        median_px=median(every) if every else None,
        points=len(every),
        disputed=disputed,
        keypoints=[
            KeypointDifference(keypoint_id=UUID(id), mean_px=fmean(d), median_px=median(d), points=len(d))
            for id, d in sorted(by_keypoint.items())
        ],
        frames=sorted(frames, key=lambda frame: -frame.mean_px)[:MOST_SHOWN],
    )


def human_px(session: Session, project_id: UUID) -> float | None:
    """What two people differ by, in the mean; None until two have labelled the same frame."""
    return raters(session, project_id).mean_px


def progress(session: Session, project_id: UUID) -> list[PersonProgress]:
    names = list(PersonProgress.model_fields)
    return [PersonProgress(**dict(zip(names, row, strict=True))) for row in queries.progress(session, project_id)]


def mistakes(session: Session, store: BlobStore, project_id: UUID) -> FindingsOut:
    """Labels to look at again, the oddest first."""
    keypoints = [keypoint.id for keypoint in queries.keypoints(session, project_id)]
    place = {str(id): number for number, id in enumerate(keypoints)}
    rows = [
        (frame, video, animal, pose)
        for frame, video, points in queries.labelled(session, project_id)
        for animal, pose in _poses(points, place).items()
    ]
    poses = np.stack([pose for *_, pose in rows]) if rows else np.zeros((0, len(keypoints), 2))
    found = find_mistakes(poses, _edges(session, project_id, place), _pairs(session, project_id, place))
    return FindingsOut(
        checked=len(rows),
        items=[_finding(finding, *rows[finding.pose][:3], keypoints, store) for finding in found[:MOST_SHOWN]],
    )


def _finding(
    finding: Finding, frame: Frame, video: str | None, animal: str, keypoints: list[UUID], store: BlobStore
) -> FindingOut:
    return FindingOut(
        frame_id=frame.id,
        video=None if frame.video_id is None else VideoName(id=frame.video_id, name=video or ""),
        frame_index=frame.frame_index,
        thumbnail_url=None if frame.thumbnail_key is None else store.download_url(frame.thumbnail_key),
        individual_id=UUID(animal),
        kind=finding.kind,
        keypoint_ids=[keypoints[number] for number in finding.keypoints],
        score=round(finding.score, 2),
    )


def _apart(first: Points, second: Points) -> dict[str, float]:
    return {
        key: math.hypot(first[key]["x"] - second[key]["x"], first[key]["y"] - second[key]["y"])
        for key in first.keys() & second.keys()
        if first[key]["x"] is not None and second[key]["x"] is not None
    }


def _poses(points: Points, place: dict[str, int]) -> dict[str, "np.typing.NDArray[np.float64]"]:
    """Each animal's pose in a frame."""
    found: dict[str, np.typing.NDArray[np.float64]] = {}
    for key, point in points.items():
        animal, keypoint = key.split("/")
        if keypoint in place and point["x"] is not None:
            found.setdefault(animal, np.full((len(place), 2), np.nan))[place[keypoint]] = point["x"], point["y"]
    return found


def _edges(session: Session, project_id: UUID, place: dict[str, int]) -> list[tuple[int, int]]:
    ends = [(str(edge.start_id), str(edge.end_id)) for edge in queries.edges(session, project_id)]
    return sorted((place[start], place[end]) for start, end in ends if start in place and end in place)


def _pairs(session: Session, project_id: UUID, place: dict[str, int]) -> list[tuple[int, int]]:
    partners = [(str(k.id), str(k.partner_id)) for k in queries.keypoints(session, project_id) if k.partner_id]
    both = {tuple(sorted((place[one], place[other]))) for one, other in partners if one in place and other in place}
    return sorted((one, other) for one, other in both)
