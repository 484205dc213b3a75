"""Pixel errors: how far predicted points lie from a person's, in pixels of the original image."""

from collections.abc import Callable, Sequence
from typing import TypedDict

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray


class KeypointErrors(TypedDict):
    """Errors of one keypoint; null where no point was labelled."""

    mean_px: float | None
    median_px: float | None
    points: int


class Errors(TypedDict):
    """Errors over all labelled points. `rmse_px` is the root of the mean squared distance."""

    mean_px: float | None
    median_px: float | None
    p90_px: float | None
    rmse_px: float | None
    points: int
    per_keypoint: dict[str, KeypointErrors]


def distances(
    predicted: Float[NDArray[np.floating], "*any 2"], labelled: Float[NDArray[np.floating], "*any 2"]
) -> NDArray[np.float64]:
    """Euclidean distance of each pair of points; NaN where either has no position."""
    step = np.asarray(predicted, np.float64) - np.asarray(labelled, np.float64)
    return np.hypot(step[..., 0], step[..., 1])


def summarize(errors: Float[NDArray[np.float64], "*any keypoint"], keypoints: Sequence[str]) -> Errors:
    """Figures over every finite distance, and per keypoint.

    Args:
        errors: distances in pixels, the last axis is the keypoint; NaN does not count.
        keypoints: names, in the order of that axis.
    """
    rows = errors.reshape(-1, len(keypoints))
    found = rows[np.isfinite(rows)]
    return Errors(
        mean_px=_figure(found, np.mean),
        median_px=_figure(found, np.median),
        p90_px=_figure(found, lambda values: np.percentile(values, 90)),
        rmse_px=_figure(found, lambda values: np.sqrt(np.mean(values**2))),
        points=len(found),
        per_keypoint={name: _of_keypoint(rows[:, index]) for index, name in enumerate(keypoints)},
    )


def _of_keypoint(column: NDArray[np.float64]) -> KeypointErrors:
    found = column[np.isfinite(column)]
    return KeypointErrors(mean_px=_figure(found, np.mean), median_px=_figure(found, np.median), points=len(found))


def _figure(values: NDArray[np.float64], of: Callable[[NDArray[np.float64]], np.floating]) -> float | None:
    return float(of(values)) if values.size else None


def body_length(points: Float[NDArray[np.floating], "*any keypoint 2"]) -> float:
    """Median over animals of the greatest distance between two of its points, pixels; NaN where none has two points.

    Animals with less than half as many points as the fullest one do not count: their extent is that of a part.
    Where one image shows several mirrored views, pass the keypoints of one view.
    """
    poses = np.asarray(points, np.float64).reshape(-1, points.shape[-2], 2)
    seen = np.asarray(np.isfinite(poses).all(-1))
    counts = seen.sum(-1)
    whole = np.flatnonzero(counts >= max(2, counts.max(initial=0) / 2))
    lengths = [_extent(poses[row][seen[row]]) for row in whole]
    known = [length for length in lengths if length > 0]
    return float(np.median(known)) if known else float("nan")


def body_lengths(
    points: Float[NDArray[np.floating], "image keypoint 2"],
    cameras: Sequence[str | None],
    views: Sequence[str | None],
) -> Float[NDArray[np.float64], "image keypoint"]:
    """The body length that belongs to each point: of its camera and, within the image, of its mirrored view.

    Args:
        cameras: of each image. views: of each keypoint.
    """
    lengths = np.full(points.shape[:2], np.nan)
    for camera in set(cameras):
        rows = np.array([one == camera for one in cameras])
        for view in set(views):
            columns = np.array([one == view for one in views])
            lengths[np.ix_(rows, columns)] = body_length(points[rows][:, columns])
    return lengths


def _extent(pose: Float[NDArray[np.float64], "keypoint 2"]) -> float:
    return float(np.linalg.norm(pose[:, None] - pose[None], axis=-1).max())
