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
from tailbase.smoothing.kalman import Model, filter_states, smooth_states
from tailbase.smoothing.parameter import Curve, group_of_each, most_likely, search_blocks
from tailbase.smoothing.single import Smoothed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Subspace:
    """For each keypoint the directions its views' coordinates move in together.

    Attributes:
        offset: shape (keypoint, coordinate), px; coordinates are x and y of each view in turn.
        directions: shape (keypoint, coordinate, latent), orthonormal columns.
        covariance0: covariance of the latent position, shape (keypoint, latent, latent).
        noise: covariance of a step up to the smoothing parameter, scaled so that its largest entry is 1.
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
        latent: dimensions of the subspace; 3 for points of a body in space.
        inflate: widen the variance of a view that contradicts the others before smoothing.
        groups: positions of keypoints that share one parameter when it is searched for; the others have their own.

    Returns:
        A smoothed track a view.
    """
    y, r = _stack(views)
    latent = min(latent, y.shape[2])
    space = fit_subspace(y, r, quantile, latent)
    if inflate:
        r = inflate_disagreeing_views(y, r, latent)
    centred = np.where(np.isfinite(r), y - space.offset, 0.0)
    curve = None
    if parameter is None:
        chosen, curve = _search(space, centred, r, group_of_each(y.shape[1], groups))
    else:
        chosen = np.broadcast_to(np.asarray(parameter, np.float64), (y.shape[1],))
    model = _model(space, chosen)
    mean, covariance = smooth_states(model, filter_states(model, centred, r))
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
    parts = [_fit_keypoint(y[rows, k], fewest, latent) for k, rows in enumerate(good)]
    offset, directions, covariance0, noise = (np.stack(part) for part in zip(*parts, strict=True))
    return Subspace(offset, directions, covariance0, noise)


def _fit_keypoint(rows: Floats, fewest: int, latent: int) -> tuple[Floats, Floats, Floats, Floats]:
    offset = rows[:fewest].mean(axis=0)
    centred = rows - offset
    middle = centred.mean(axis=0)
    directions = np.linalg.svd(centred - middle, full_matrices=False)[2][:latent].T
    # The principal axes run through the mean of all good frames.
    offset = offset + middle
    position = (centred - middle) @ directions
    covariance0 = np.diag(np.maximum(position.var(axis=0), 1e-6))
    noise = np.atleast_2d(np.cov(np.diff(position, axis=0).T))
    return offset, directions, covariance0, noise / np.abs(noise).max() + 1e-9 * np.eye(latent)


def _stack(views: list[Ensemble]) -> tuple[Floats, Floats]:
    if len({view.centre.shape for view in views}) != 1:
        sizes = ", ".join(f"{len(view.centre)} frames x {view.centre.shape[1]} keypoints" for view in views)
        raise PoseError(
            "smoothing.lengths_differ", f"The views do not match: {sizes}. Give views of the same recording."
        )
    y = np.concatenate([view.centre for view in views], axis=2)
    r = np.concatenate([view.variance for view in views], axis=2)
    return np.where(np.isfinite(r), y, 0.0), r


def _model(space: Subspace, parameter: Floats) -> Model:
    keypoints, _, latent = space.directions.shape
    eye = np.broadcast_to(np.eye(latent), (keypoints, latent, latent))
    noise = space.noise * parameter[:, None, None]
    return Model(space.directions, eye, noise, np.zeros((keypoints, latent)), space.covariance0)


def _search(space: Subspace, y: Floats, r: Floats, group: NDArray[np.int64]) -> tuple[Floats, Curve]:
    blocks = search_blocks(len(y))

    def nll_of(log_parameter: Floats) -> Floats:
        candidates = log_parameter.shape[1]
        wide = Subspace(*(np.repeat(part, candidates, axis=0) for part in vars(space).values()))
        model = _model(wide, np.exp(log_parameter).reshape(-1))
        total = np.zeros(log_parameter.size)
        for block in blocks:
            wide_y, wide_r = np.repeat(y[block], candidates, axis=1), np.repeat(r[block], candidates, axis=1)
            total += filter_states(model, wide_y, wide_r).nll
        return total.reshape(log_parameter.shape)

    return most_likely(nll_of, group)
