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

    Where one image shows several mirrored views, pass the keypoints of one view.
    """
    poses = np.asarray(points, np.float64).reshape(-1, points.shape[-2], 2)
    lengths = [_extent(pose[np.isfinite(pose).all(-1)]) for pose in poses]
    known = [length for length in lengths if length > 0]
    return float(np.median(known)) if known else float("nan")


def percent_of_body(error_px: float, length_px: float) -> float:
    """An error as percent of the body length."""
    return 100 * error_px / length_px


def _extent(pose: Float[NDArray[np.float64], "keypoint 2"]) -> float:
    if len(pose) < 2:
        return 0.0
    return float(np.linalg.norm(pose[:, None] - pose[None], axis=-1).max())
