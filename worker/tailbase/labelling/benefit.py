"""The order in which frames are worth labelling: where a network is unsure, and no two alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from tailbase.labelling.pose_space import body_size, fit_pose_space, middles

Points = Float[NDArray[np.floating], "frame keypoint 2"]

# So many frames are chosen one after the other; nobody labels more before the next round.
_CHOSEN_ONE_BY_ONE = 500
_LEAST_UNCERTAINTY = 0.1


@dataclass(frozen=True)
class Signals:
    """What is known about frames that wait; each but the first may be missing.

    Attributes:
        points: a network's, pixels of the image.
        likelihood: of those points, 0 to 1.
        others: points of other networks in the same frames; NaN where one has not looked.
        jumps: how far points lie from the middle of where they are in the frames before and after; NaN where unknown.
    """

    points: Points
    likelihood: Float[NDArray[np.floating], "frame keypoint"]
    others: Sequence[Points] = ()
    jumps: Float[NDArray[np.floating], "frame"] | None = None


def benefit(
    signals: Signals, labelled: Float[NDArray[np.floating], "label keypoint 2"]
) -> Float[NDArray[np.float64], "f"]:
    """How much a label of each frame should help, from 1 for the first to choose down to 0 for the last.

    Uncertainty is the mean, over the signals there are, of a frame's rank in that signal: one minus the likelihood,
    the spread between networks (as in query by committee: Seung et al. 1992), jumps in time, and the distance from the
    labelled poses' principal components. Frames are then chosen one by one for uncertainty times the distance, in
    pose, to the nearest frame that is labelled or chosen (as k-centre greedy does: Sener and Savarese 2018), so that
    neighbours in time do not fill the queue.

    Args:
        labelled: poses that are labelled already; NaN where there is no point. There may be none.
    """
    count = len(signals.points)
    if count == 0:
        return np.zeros(0)
    size = body_size(signals.points)
    weight = np.maximum(_uncertainty(signals, labelled, size), _LEAST_UNCERTAINTY)
    order = _greedy(weight, _places(signals.points) / size, _places(labelled) / size)
    scores = np.empty(count)
    scores[order] = 1 - np.arange(count) / count
    return scores


def _uncertainty(signals: Signals, labelled: Points, size: float) -> Float[NDArray[np.float64], "frame"]:
    found = [_mean_over_points(1 - signals.likelihood)]
    if len(signals.others):
        found.append(disagreement(signals.points, signals.others, size))
    if signals.jumps is not None:
        found.append(np.nan_to_num(signals.jumps).astype(np.float64))
    if (space := fit_pose_space(labelled)) is not None:
        found.append(_mean_over_points(space.errors(signals.points)))
    mean: NDArray[np.float64] = np.mean([_ranks(values) for values in found], axis=0)
    return mean


def disagreement(points: Points, others: Sequence[Points], size: float = np.inf) -> Float[NDArray[np.float64], "frame"]:
    """Mean distance, over keypoints and networks, from `points`; each at most `size`; zero where no other looked."""
    distances = np.stack([np.linalg.norm(points - other, axis=-1) for other in others])
    capped = np.minimum(distances, size).transpose(1, 0, 2).reshape(len(points), -1)
    return _mean_over_points(capped)


def jumps(points: Points, before: Points, after: Points, size: float = np.inf) -> Float[NDArray[np.float64], "frame"]:
    """Mean distance of points from the middle of where they are before and after; NaN where unknown.

    No distance counts more than `size`. A body moves evenly over three frames; a network that is unsure does not.
    """
    distances = np.minimum(np.linalg.norm(points - (before + after) / 2, axis=-1), size)
    known = np.isfinite(distances).any(-1)
    found = np.full(len(points), np.nan)
    found[known] = _mean_over_points(distances[known])
    return found


def _mean_over_points(values: Float[NDArray[np.floating], "frame keypoint"]) -> Float[NDArray[np.float64], "frame"]:
    known = np.isfinite(values)
    sums = np.where(known, values, 0).sum(-1, dtype=np.float64)
    means: NDArray[np.float64] = sums / np.maximum(known.sum(-1), 1)
    return means


def _ranks(values: Float[NDArray[np.float64], "frame"]) -> Float[NDArray[np.float64], "frame"]:
    """Share of the frames below each, ties in the middle, so that signals of any unit weigh the same."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    shares: NDArray[np.float64] = below / (2 * len(values))
    return shares


def _places(points: Points) -> Float[NDArray[np.float64], "frame number"]:
    """Poses as rows of numbers; a point that is not there lies at the pose's middle."""
    if not len(points):
        return np.zeros((0, 0))
    filled = np.where(np.isfinite(points), points, middles(points)[:, None])
    rows: NDArray[np.float64] = filled.reshape(len(points), -1) / np.sqrt(points.shape[1])
    return rows


def _greedy(
    weight: Float[NDArray[np.float64], "frame"],
    places: Float[NDArray[np.float64], "frame number"],
    taken: Float[NDArray[np.float64], "label number"],
) -> Int[NDArray[np.int64], "frame"]:
    nearest = np.ones(len(places)) if not len(taken) else np.full(len(places), np.inf)
    for place in taken:
        nearest = np.minimum(nearest, np.linalg.norm(places - place, axis=1))
    free: Bool[NDArray[np.bool_], "frame"] = np.ones(len(places), bool)
    order = []
    for _ in range(min(len(places), _CHOSEN_ONE_BY_ONE)):
        best = int(np.argmax(np.where(free, weight * nearest, -1)))
        order.append(best)
        free[best] = False
        nearest = np.minimum(nearest, np.linalg.norm(places - places[best], axis=1))
    rest = np.flatnonzero(free)
    return np.concatenate([order, rest[np.argsort(-(weight * nearest)[rest], kind="stable")]]).astype(np.int64)
