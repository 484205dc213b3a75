"""Ensemble Kalman smoother for one camera.

x and y of every keypoint are random walks, seen with the ensemble's variance as noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.smoothing.ensemble import Ensemble
from tailbase.smoothing.parameter import Curve, group_of_each, most_likely, search_blocks
from tailbase.smoothing.walk import observe, smooth_walks, walks_nll

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Smoothed:
    """One smoothed track.

    Attributes:
        points: shape (frame, keypoint, 2), px.
        variance: posterior variance of each coordinate, shape (frame, keypoint, 2), px²: how far the truth may be.
        predictive: that plus the ensemble's own variance: how far a further network may be. Several views only; the
            same as `variance` for one.
        noise: variance of the observations as it was used, inflated where views contradict each other, same shape;
            infinite where a point is missing.
        parameter: the smoothing parameter of each keypoint; larger smooths less.
        curve: how likely other parameters are, where the parameter was searched for.
    """

    points: Floats
    variance: Floats
    predictive: Floats
    noise: Floats
    parameter: Floats
    curve: Curve | None = None


def smooth_single(
    ensemble: Ensemble,
    parameter: float | Floats | None = None,
    groups: Sequence[Sequence[int]] = (),
) -> Smoothed:
    """Smooth every keypoint on its own.

    Args:
        ensemble: statistics of the members.
        parameter: variance of a step in px² (the step noise's covariance is `parameter` times the identity), one for
            all or one a keypoint; None finds the most likely one.
        groups: positions of keypoints that share one parameter when it is searched for; the others have their own.
    """
    y, r, offset = _observations(ensemble)
    keypoints = ensemble.centre.shape[1]
    variance0 = _variance_of_seen(y, r)
    curve = None
    if parameter is None:
        chosen, curve = _search(y, r, variance0, group_of_each(keypoints, groups))
    else:
        chosen = np.broadcast_to(np.asarray(parameter, np.float64), (keypoints,))
    mean, variance = smooth_walks(observe(y, r, variance0), np.repeat(chosen, 2))
    shape = ensemble.centre.shape
    points, variance = mean.reshape(shape) + offset, variance.reshape(shape)
    return Smoothed(points, variance, variance, ensemble.variance, np.asarray(chosen), curve)


def _observations(ensemble: Ensemble) -> tuple[Floats, Floats, Floats]:
    """Centred coordinates as walks, shape (frame, keypoint * 2), their noise, and the centre that was taken off."""
    seen = np.isfinite(ensemble.variance)
    count = np.maximum(seen.sum(axis=0), 1)
    total = np.where(seen, ensemble.centre, 0.0).sum(axis=0)
    # A point that is never seen has no place; its track comes out as missing.
    offset = np.where(seen.any(axis=0), total / count, np.nan)
    y = np.where(seen, ensemble.centre - offset, 0.0)
    frames = len(y)
    return y.reshape(frames, -1), ensemble.variance.reshape(frames, -1), offset


def _variance_of_seen(y: Floats, r: Floats) -> Floats:
    seen = np.isfinite(r)
    count = np.maximum(seen.sum(axis=0), 1)
    mean = (y * seen).sum(axis=0) / count
    return np.asarray(np.maximum((np.where(seen, y - mean, 0.0) ** 2).sum(axis=0) / count, 1e-6))


def _search(y: Floats, r: Floats, variance0: Floats, group: NDArray[np.int64]) -> tuple[Floats, Curve]:
    """The likelihoods of a keypoint's x and y add up, and those of several stretches of a long recording."""
    stretches = search_blocks(len(y))
    side_by_side = [np.concatenate([values[s] for s in stretches], axis=1) for values in (y, r)]
    walks = observe(side_by_side[0], side_by_side[1], np.tile(variance0, len(stretches)))

    def nll_of(log_parameter: Floats) -> Floats:
        q = np.tile(np.repeat(np.exp(log_parameter), 2, axis=0), (len(stretches), 1))
        nll = walks_nll(walks, q).reshape(len(stretches), *log_parameter.shape[:1], 2, -1)
        return np.asarray(nll.sum(axis=(0, 2)))

    return most_likely(nll_of, group)
