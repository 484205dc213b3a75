"""Ensemble Kalman smoother for several views of one animal, linear: each keypoint moves in a low-dimensional subspace.

The subspace is found by PCA over the frames where the ensemble agrees. It serves separate cameras as well as mirrors
that show one animal twice in one image; no calibration is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.smoothing.ensemble import Ensemble
from tailbase.smoothing.inflation import inflate_disagreeing_views
from tailbase.smoothing.kalman import STATE, Model, observe, side_by_side, smooth_states, states_nll
from tailbase.smoothing.parameter import Curve, group_of_each, most_likely, search_blocks
from tailbase.smoothing.single import Smoothed

Floats = NDArray[np.float64]

MIN_NOISE = 1e-9


@dataclass(frozen=True)
class Subspace:
    """For each keypoint the directions its views' coordinates move in together.

    Attributes:
        offset: shape (keypoint, coordinate), px; coordinates are x and y of each view in turn.
        directions: shape (keypoint, coordinate, 3), orthonormal columns (or zero, where there are fewer), turned so
            that steps along them are independent.
        covariance0: covariance of the latent position, shape (keypoint, 3, 3).
        noise: variance of a step along each up to the smoothing parameter, shape (keypoint, 3), scaled so that the
            largest entry of its covariance along the principal axes is 1.
    """

    offset: Floats
    directions: Floats
    covariance0: Floats
    noise: Floats


def smooth_views(
    views: list[Ensemble],
    parameter: float | Floats | None = None,
    quantile: float = 50.0,
    latent: int = 3,
    inflate: bool = False,
    groups: Sequence[Sequence[int]] = (),
) -> list[Smoothed]:
    """Smooth every keypoint over all its views at once.

    Args:
        views: one a camera or mirror, with the same frames and keypoints.
        parameter: the smoothing parameter, one for all or one a keypoint; None finds the most likely one.
        quantile: percent of the frames, those with the smallest variance, that the subspace is fitted on.
        latent: dimensions of the subspace, at most 3, which is right for points of a body in space.
        inflate: widen the variance of a view that contradicts the others before smoothing.
        groups: positions of keypoints that share one parameter when it is searched for; the others have their own.

    Returns:
        A smoothed track a view.
    """
    y, r = _stack(views)
    latent = min(latent, y.shape[2], STATE)
    space = fit_subspace(y, r, quantile, latent)
    if inflate:
        r = inflate_disagreeing_views(y, r, latent)
    centred = np.where(np.isfinite(r), y - space.offset, 0.0)
    curve = None
    if parameter is None:
        chosen, curve = _search(space, centred, r, group_of_each(y.shape[1], groups))
    else:
        chosen = np.broadcast_to(np.asarray(parameter, np.float64), (y.shape[1],))
    mean, covariance = smooth_states(observe(space.directions, centred, r), _model(space, chosen[:, None]))
    points = np.einsum("knl,tkl->tkn", space.directions, mean, optimize=True) + space.offset
    seen = np.where(np.isfinite(r), r, 0.0)
    variance = np.einsum("kni,tkij,knj->tkn", space.directions, covariance, space.directions, optimize=True)
    return [
        Smoothed(points[..., v], variance[..., v], (variance + seen)[..., v], r[..., v], np.asarray(chosen), curve)
        for v in (slice(start, start + 2) for start in range(0, y.shape[2], 2))
    ]


def fit_subspace(y: Floats, r: Floats, quantile: float, latent: int) -> Subspace:
    """PCA of each keypoint's coordinates over the frames where its largest variance is among the smallest."""
    worst = r.max(axis=2)
    limits = [np.percentile(np.where(np.isfinite(w), w, 1e12), quantile) for w in worst.T]
    good = [np.flatnonzero((w <= limit) & np.isfinite(w)) for w, limit in zip(worst.T, limits, strict=True)]
    fewest = min(len(rows) for rows in good)
    if fewest <= latent:
        raise PoseError(
            "smoothing.too_few_frames",
            f"Only {fewest} frames have every view of every keypoint; the views cannot be related. Check that the "
            "files belong together, or smooth each view on its own.",
        )
    parts = [_fit_keypoint(y[rows, k], latent) for k, rows in enumerate(good)]
    offset, directions, covariance0, noise = (np.stack(part) for part in zip(*parts, strict=True))
    return Subspace(offset, directions, covariance0, noise)


def _fit_keypoint(rows: Floats, latent: int) -> tuple[Floats, Floats, Floats, Floats]:
    offset = rows.mean(axis=0)
    directions = np.linalg.svd(rows - offset, full_matrices=False)[2][:latent].T
    position = (rows - offset) @ directions
    covariance0 = np.diag(np.maximum(position.var(axis=0), 1e-6))
    noise = np.atleast_2d(np.cov(np.diff(position, axis=0).T))
    strength, turn = np.linalg.eigh(noise / np.abs(noise).max())
    return _of_three(offset, directions @ turn, turn.T @ covariance0 @ turn, np.maximum(strength, MIN_NOISE))


def _of_three(
    offset: Floats, directions: Floats, covariance0: Floats, noise: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """The same with three latent numbers, of which those that are too many are never seen."""
    spare = STATE - len(noise)
    whole = np.eye(STATE)
    whole[: len(noise), : len(noise)] = covariance0
    return offset, np.pad(directions, ((0, 0), (0, spare))), whole, np.pad(noise, (0, spare), constant_values=1.0)


def _stack(views: list[Ensemble]) -> tuple[Floats, Floats]:
    if len({view.centre.shape for view in views}) != 1:
        sizes = ", ".join(f"{len(view.centre)} frames x {view.centre.shape[1]} keypoints" for view in views)
        raise PoseError(
            "smoothing.lengths_differ", f"The views do not match: {sizes}. Give views of the same recording."
        )
    y = np.concatenate([view.centre for view in views], axis=2)
    r = np.concatenate([view.variance for view in views], axis=2)
    return np.where(np.isfinite(r), y, 0.0), r


def _model(space: Subspace, parameter: Floats, stretches: int = 1) -> Model:
    """Models of several candidates, shape (keypoint, candidate), for each stretch of frames in turn."""
    step = np.tile(np.sqrt(space.noise.T[:, :, None] * parameter), (1, stretches, 1))
    covariance0 = np.tile(space.covariance0, (stretches, 1, 1))
    return Model(np.ones_like(step), step, np.zeros(step.shape[:2]), covariance0)


def _search(space: Subspace, y: Floats, r: Floats, group: NDArray[np.int64]) -> tuple[Floats, Curve]:
    stretches = search_blocks(len(y))
    observed = side_by_side([observe(space.directions, y[s], r[s]) for s in stretches])

    def nll_of(log_parameter: Floats) -> Floats:
        nll = states_nll(observed, _model(space, np.exp(log_parameter), len(stretches)))
        return np.asarray(nll.reshape(len(stretches), *log_parameter.shape).sum(axis=0))

    return most_likely(nll_of, group)
