"""Instances of SLEAP, animals found in single frames, as one track of points an animal."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.pose_table import MAX_INDIVIDUALS, MAX_KEYPOINTS, check_name
from tailbase.formats.skeleton_names import describe
from tailbase.schema import SINGLE, Predictions

MAX_FRAMES = 10_000_000
MAX_NUMBERS = 500_000_000


@dataclass(frozen=True)
class Instances:
    """Animals in frames, in any order.

    Attributes:
        source: file name, for messages.
        frame: shape (instance,).
        track: name of each instance's track; empty where it has none.
        points: shape (instance, keypoint, 2), px, the centre of the top-left pixel is (0, 0); NaN where not found.
        score: shape (instance, keypoint).
    """

    source: str
    keypoints: tuple[str, ...]
    frame: NDArray[np.int64]
    track: tuple[str, ...]
    points: NDArray[np.float64]
    score: NDArray[np.float64]


def join_tracks(found: Instances, frames_per_second: float) -> Predictions:
    """Tracks from frame 0 to the last one that is named; frames without an animal are NaN with likelihood 0.

    Instances without a track are told apart by their order in the frame.

    Raises:
        PoseError: predictions.damaged, predictions.track_twice, labels.too_large.
    """
    _check(found)
    rows, names = _rows(found)
    frames = int(found.frame.max()) + 1
    shape = (frames, len(names), len(found.keypoints))
    if frames * len(names) * len(found.keypoints) * 3 > MAX_NUMBERS:
        raise PoseError("labels.too_large", f"{found.source} has more than {MAX_NUMBERS:,} numbers.")
    points = np.full((*shape, 2), np.nan, np.float32)
    likelihood = np.zeros(shape, np.float32)
    seen = np.asarray(np.isfinite(found.points).all(axis=-1))
    points[found.frame, rows] = np.where(seen[..., None], found.points, np.nan)
    likelihood[found.frame, rows] = np.where(seen, np.clip(np.nan_to_num(found.score, nan=1.0), 0, 1), 0)
    times = np.arange(frames) / frames_per_second
    return Predictions(
        describe(found.keypoints), names, points, likelihood, times, {"scorer": "SLEAP"}, ends_with_video=False
    )


def _check(found: Instances) -> None:
    if not len(found.frame) or not found.keypoints:
        raise PoseError("predictions.no_frames", f"{found.source} names no frame with an animal.")
    if found.frame.min() < 0 or found.frame.max() >= MAX_FRAMES:
        raise PoseError("predictions.damaged", f"{found.source} has frame numbers that no video has.")
    if len(found.keypoints) > MAX_KEYPOINTS or len(set(found.keypoints)) < len(found.keypoints):
        raise PoseError("predictions.damaged", f"{found.source} names a keypoint twice, or too many.")
    for name in {*found.keypoints, *filter(None, found.track)}:
        check_name(found.source, name)


def _rows(found: Instances) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The animal each instance is, counted from 0, and the animals' names."""
    taken: set[tuple[int, Any]] = set()
    order: Counter[int] = Counter()
    owners: list[str | int] = []
    for frame, track in zip(found.frame.tolist(), found.track, strict=True):
        owner: str | int = track
        if not track:
            owner, order[frame] = order[frame], order[frame] + 1
        if (frame, owner) in taken:
            raise PoseError("predictions.track_twice", f"{found.source}: track {track} is twice in frame {frame}.")
        taken.add((frame, owner))
        owners.append(owner)
    unique = list(dict.fromkeys(owners))
    if len(unique) > MAX_INDIVIDUALS:
        raise PoseError("labels.too_large", f"{found.source} has more than {MAX_INDIVIDUALS:,} tracks.")
    names = (SINGLE,) if len(unique) == 1 else tuple(_name(owner, unique) for owner in unique)
    return np.array([unique.index(owner) for owner in owners]), names


def _name(owner: str | int, all_of_them: list[str | int]) -> str:
    name = str(owner)
    return f"untracked {name}" if isinstance(owner, int) and name in all_of_them else name
