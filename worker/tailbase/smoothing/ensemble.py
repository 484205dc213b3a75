"""What several networks say together: a centre, a variance and a likelihood for every point of every frame.

Source of the method: Biderman et al. 2024 (Lightning Pose), ensemble Kalman smoother.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError

Floats = NDArray[np.float64]

VARIANCE_FLOOR = 1e-6
"""px². No network is exact to a thousandth of a pixel; networks that agree by chance must not outweigh everything."""

UNKNOWN_VARIANCE = 1000.0
"""px², where in a frame a single finite value remains of several networks and its spread cannot be told."""


@dataclass(frozen=True)
class Ensemble:
    """Statistics over the members.

    Attributes:
        centre: shape (frame, keypoint, 2), px; NaN where no member has a finite value.
        variance: shape (frame, keypoint, 2), px²; infinite where the centre is NaN, so that a filter skips it.
        spread: shape (frame, keypoint, 2), px²; the plain variance over members, before any weighting.
        likelihood: shape (frame, keypoint), mean over the members.
    """

    centre: Floats
    variance: Floats
    spread: Floats
    likelihood: Floats


def ensemble_statistics(
    members: Floats,
    centre: Literal["median", "mean"] = "median",
    weighting: Literal["likelihood", "none"] = "likelihood",
) -> Ensemble:
    """Combine the members' points.

    Args:
        members: shape (member, frame, keypoint, 3): x and y in px, likelihood 0 to 1. A point that is not finite in a
            member is left out of the statistics of that point.
        centre: of the members' x and of their y.
        weighting: `likelihood` divides the variance by the mean likelihood, so that doubt widens it.

    Raises:
        PoseError: ensemble.empty, where there is no member or no frame.
    """
    if members.ndim != 4 or members.shape[-1] != 3 or 0 in members.shape:
        raise PoseError("ensemble.empty", "An ensemble needs at least one set of predictions with at least one frame.")
    points = np.where(np.isfinite(members[..., :2]), members[..., :2], np.nan)
    count = np.isfinite(points).sum(axis=0)
    likelihood = _mean_over_members(members[..., 2])
    middle = _median(points, count) if centre == "median" else _mean_over_members(points)
    doubt = np.maximum(likelihood, 1e-5)[..., None]
    # What a single network finds in the whole recording is as certain as the network alone.
    alone = np.asarray((count > 0).any(axis=0) & (np.isfinite(points).any(axis=1).sum(axis=0) == 1))
    spread = np.where(count > 1, _variance_over_members(points), UNKNOWN_VARIANCE)
    spread = np.where(alone, 1.0 / doubt, spread)
    variance = np.where(alone, spread, spread / doubt) if weighting == "likelihood" else spread.copy()
    variance = np.maximum(variance, VARIANCE_FLOOR)
    return Ensemble(middle, np.where(count > 0, variance, np.inf), spread, likelihood)


def _mean_over_members(values: Floats) -> Floats:
    finite = np.isfinite(values)
    total = np.where(finite, values, 0.0).sum(axis=0)
    count = finite.sum(axis=0)
    missing = np.nan if values.ndim == 4 else 0.0
    return np.where(count > 0, total / np.maximum(count, 1), missing)


def _variance_over_members(points: Floats) -> Floats:
    centred = points - _mean_over_members(points)
    total = np.where(np.isfinite(centred), centred**2, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(np.isfinite(points).sum(axis=0), 1))


def _median(points: Floats, count: NDArray[np.int64]) -> Floats:
    """The median over finite members; missing ones sort to the end, so that no warning and no slow path is met."""
    ordered = np.sort(points, axis=0)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    high = np.take_along_axis(ordered, count[None] // 2 % len(points), axis=0)[0]
    return np.where(count > 0, np.where(count % 2 == 1, low, (low + high) / 2), np.nan)
