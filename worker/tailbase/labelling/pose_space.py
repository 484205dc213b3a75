"""The poses that labels show, as a mean and a few principal components."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

_KEPT_VARIANCE = 0.98
# Fewer poses than this for each number of a pose say little about which poses there are.
_POSES_A_NUMBER = 2


@dataclass(frozen=True)
class PoseSpace:
    """Poses relative to their own middle: `mean` (number,) and orthonormal `components` (component, number), pixels."""

    mean: Float[NDArray[np.float64], "number"]
    components: Float[NDArray[np.float64], "component number"]

    def errors(self, points: Float[NDArray[np.floating], "frame keypoint 2"]) -> Float[NDArray[np.float64], "f k"]:
        """Distance of each point from the nearest pose of this space, pixels; NaN where a point of the frame lacks."""
        offsets = _centred(points) - self.mean
        left = offsets - offsets @ self.components.T @ self.components
        errors: NDArray[np.float64] = np.linalg.norm(left.reshape(len(points), -1, 2), axis=-1)
        return errors


def fit_pose_space(points: Float[NDArray[np.floating], "pose keypoint 2"]) -> PoseSpace | None:
    """Principal components that hold 98% of the variance of complete poses; None where there are too few of them."""
    whole = points[np.isfinite(points).all((1, 2))] if len(points) else points
    numbers = int(np.prod(points.shape[1:]))
    if len(whole) < _POSES_A_NUMBER * numbers or numbers <= 2:
        return None
    rows = _centred(whole)
    mean = rows.mean(0)
    _, spread, directions = np.linalg.svd(rows - mean, full_matrices=False)
    shares = np.cumsum(spread**2) / max(float((spread**2).sum()), 1e-12)
    kept = int(np.searchsorted(shares, _KEPT_VARIANCE)) + 1
    return PoseSpace(mean, directions[:kept])


def usual(
    points: Float[NDArray[np.floating], "pose keypoint 2"], strange: float
) -> Float[NDArray[np.floating], "p k 2"]:
    """The complete poses without the share of them that lies farthest from the median pose."""
    if not len(points):
        return points
    rows = _centred(points)
    distances = np.linalg.norm(rows - np.median(rows, axis=0), axis=1)
    kept: NDArray[np.floating] = points[distances <= np.quantile(distances, 1 - strange)]
    return kept


def body_size(points: Float[NDArray[np.floating], "frame keypoint 2"]) -> float:
    """Median over frames of the root mean square distance of the points from their middle, at least one pixel."""
    known = np.isfinite(points).all(-1)
    several = known.sum(1) > 1
    if not several.any():
        return 1.0
    squares = np.square(points[several] - middles(points[several])[:, None]).sum(-1)
    counted = known[several]
    sizes = np.sqrt(np.where(counted, squares, 0).sum(1) / counted.sum(1))
    return max(float(np.median(sizes)), 1.0)


def middles(points: Float[NDArray[np.floating], "frame keypoint 2"]) -> Float[NDArray[np.float64], "frame 2"]:
    """Mean of the points that are there; the origin where none is."""
    known = np.isfinite(points)
    found: NDArray[np.float64] = np.where(known, points, 0).sum(1) / np.maximum(known.sum(1), 1)
    return found


def _centred(points: Float[NDArray[np.floating], "frame keypoint 2"]) -> Float[NDArray[np.float64], "frame number"]:
    rows: NDArray[np.float64] = (points - points.mean(axis=1, keepdims=True)).reshape(len(points), -1)
    return rows
