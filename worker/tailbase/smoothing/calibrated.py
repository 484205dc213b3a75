"""Ensemble Kalman smoother for calibrated cameras: each keypoint is a point in space that every camera sees.

An extended Kalman filter with the analytic Jacobian of the lens; the step noise comes from how the triangulated points
move, and every camera has its own ensemble's noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.smoothing.cameras import Cameras, project_rows, project_with_jacobian, triangulate
from tailbase.smoothing.ensemble import Ensemble
from tailbase.smoothing.inflation import inflate_disagreeing_views
from tailbase.smoothing.kalman import ROWS, determinant, inverse, multiply, run_back, six_rows
from tailbase.smoothing.parameter import Curve, group_of_each, most_likely, search_blocks
from tailbase.smoothing.single import Smoothed
from tailbase.smoothing.walk import LOG_2PI

Floats = NDArray[np.float64]

FIRST_FRAMES = 10
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class Smoothed3d:
    """A track in space and its image in every camera.

    Attributes:
        points: shape (frame, keypoint, 3), in the unit of the calibration.
        variance: posterior variance of each coordinate, same shape.
        views: the track as each camera sees it.
    """

    points: Floats
    variance: Floats
    views: list[Smoothed]


@dataclass(frozen=True)
class _Prior:
    """Mean of the first state, shape (point, 3), its covariance, and the variance of a step up to the parameter."""

    mean: Floats
    covariance: Floats
    noise: Floats


@dataclass(frozen=True)
class _Seen:
    """Pixels and 1 / variance (0 where missing), shape (frame, camera * 2, point), and the likelihood's constant."""

    pixels: Floats
    weight: Floats
    constant: Floats


@dataclass(frozen=True)
class _Filtered:
    """Means, shape (frame, 3, point), precisions as six rows (frame, 6, point), negative log-likelihoods (point,)."""

    mean: Floats
    precision: Floats
    nll: Floats


def smooth_calibrated(
    cameras: Cameras,
    members: list[Floats],
    views: list[Ensemble],
    parameter: float | Floats | None = None,
    inflate: bool = False,
    groups: Sequence[Sequence[int]] = (),
) -> Smoothed3d:
    """Smooth every keypoint in space over all cameras at once.

    Args:
        cameras: in the order of the views.
        members: each view's predictions, shape (member, frame, keypoint, 3), for the triangulated start.
        views: each view's statistics of the same members.
        parameter: the smoothing parameter, one for all or one a keypoint; None finds the most likely one.
        inflate: widen the variance of a camera that contradicts the others before smoothing.
        groups: positions of keypoints that share one parameter when it is searched for; the others have their own.
    """
    if not len(cameras.names) == len(views) == len(members) >= 2:
        raise PoseError("calibration.views_differ", "Give at least two views, and a calibrated camera for each.")
    y = np.stack([view.centre for view in views], axis=2)
    r = np.stack([view.variance for view in views], axis=2)
    frames, keypoints = y.shape[:2]
    if inflate:
        flat = (frames, keypoints, -1)
        r = inflate_disagreeing_views(y.reshape(flat), r.reshape(flat), 3).reshape(r.shape)
    y = np.where(np.isfinite(r), y, 0.0)
    prior = _prior(cameras, members)
    curve = None
    if parameter is None:
        chosen, curve = _search(cameras, prior, y, r, group_of_each(keypoints, groups))
    else:
        chosen = np.broadcast_to(np.asarray(parameter, np.float64), (keypoints,))
    step = np.sqrt(prior.noise * chosen[:, None]).T
    mean, covariance = _smooth(_filter(cameras, prior, step, _gather(y, r)), step)
    pixels, jacobian = project_with_jacobian(cameras, mean)
    spread = np.einsum("tkvai,tkij,tkvaj->tkva", jacobian, covariance, jacobian, optimize=True)
    predictive = spread + np.where(np.isfinite(r), r, 0.0)
    tracks = [
        Smoothed(pixels[:, :, v], spread[:, :, v], predictive[:, :, v], r[:, :, v], np.asarray(chosen), curve)
        for v in range(len(views))
    ]
    return Smoothed3d(mean, np.diagonal(covariance, axis1=2, axis2=3).copy(), tracks)


def _prior(cameras: Cameras, members: list[Floats]) -> _Prior:
    pixels = np.stack([view[..., :2] for view in members], axis=-2)
    if pixels.shape[0] == 0:
        raise PoseError("ensemble.empty", "An ensemble needs at least one set of predictions.")
    points = triangulate(cameras, np.where(np.isfinite(pixels), pixels, np.nan))
    seen = np.asarray(np.isfinite(points).all(axis=(0, 3)))
    if (seen.sum(axis=0) < 3).any():
        raise PoseError("smoothing.too_few_frames", "A keypoint is seen by two cameras in fewer than three frames.")
    track = points.mean(axis=0)
    parts = [_keypoint_prior(track[rows, k]) for k, rows in enumerate(seen.T)]
    mean, covariance, noise = (np.stack(part) for part in zip(*parts, strict=True))
    return _Prior(mean, covariance, noise)


def _keypoint_prior(track: Floats) -> tuple[Floats, Floats, Floats]:
    steps = np.diff(track, axis=0)
    mad = np.median(np.abs(steps - np.median(steps, axis=0)), axis=0)
    noise = np.maximum((MAD_TO_SD * mad) ** 2, 1e-8)
    return track[:FIRST_FRAMES].mean(axis=0), np.diag(track.var(axis=0) + 1e-4), noise


def _filter(cameras: Cameras, prior: _Prior, step: Floats, seen: _Seen) -> _Filtered:
    """Extended Kalman filter of a batch of points, linear around what each frame is expected to show."""
    frames, _, batch = seen.weight.shape
    means, precisions = np.empty((frames, 3, batch)), np.empty((frames, 6, batch))
    expected, quadratic = np.empty((frames, batch)), np.zeros(batch)
    first, second = np.array(ROWS).T
    noise = np.zeros((6, batch))
    noise[first == second] = step[first[first == second]] ** 2
    m, p = prior.mean.T, six_rows(prior.covariance)
    for t in range(frames):
        if t:
            p = p + noise
        pixels, jacobian = project_rows(cameras, m)
        slope = jacobian.reshape(-1, 3, batch)
        surprise = seen.pixels[t] - pixels.reshape(-1, batch)
        weighted = slope * seen.weight[t][:, None]
        before = inverse(p)
        after = np.add(before, (weighted[:, first] * slope[:, second]).sum(axis=0), out=precisions[t])
        p = inverse(after)
        pull = (weighted * surprise[:, None]).sum(axis=0)
        change = multiply(p, pull)
        m = np.add(m, change, out=means[t])
        quadratic += (seen.weight[t] * surprise * surprise).sum(axis=0) - (pull * change).sum(axis=0)
        expected[t] = determinant(before)
    log_ratio = (np.log(determinant(np.moveaxis(precisions, 1, 0))) - np.log(expected)).sum(axis=0)
    return _Filtered(means, precisions, seen.constant + 0.5 * (log_ratio + quadratic))


def _smooth(filtered: _Filtered, step: Floats) -> tuple[Floats, Floats]:
    """Means, shape (frame, point, 3), and covariances, shape (frame, point, 3, 3), given all frames."""
    precision, mean = np.moveaxis(filtered.precision, 1, 0), np.moveaxis(filtered.mean, 1, 0)
    stretch = np.stack([step[i] * step[j] for i, j in ROWS])
    unit = np.array([float(i == j) for i, j in ROWS])[:, None, None]
    shrunk = inverse(precision * stretch[:, None] + unit)
    moved = multiply(shrunk, multiply(precision, mean) * step[:, None])
    shrunk, moved = np.moveaxis(shrunk, 0, 1), np.moveaxis(moved, 0, 1)
    return run_back(shrunk, moved, np.ones_like(step), step, mean[:, -1], inverse(precision[:, -1]))


def _gather(y: Floats, r: Floats) -> _Seen:
    """Observations of shape (frame, point, camera, 2) and their variances, a row a coordinate."""
    frames, points = y.shape[:2]
    weight = np.where(np.isfinite(r), 1.0 / r, 0.0).reshape(frames, points, -1).transpose(0, 2, 1)
    seen = weight > 0
    constant = 0.5 * (seen * LOG_2PI - np.log(np.where(seen, weight, 1.0))).sum(axis=(0, 1))
    return _Seen(y.reshape(frames, points, -1).transpose(0, 2, 1).copy(), weight.copy(), constant)


def _search(cameras: Cameras, prior: _Prior, y: Floats, r: Floats, group: NDArray[np.int64]) -> tuple[Floats, Curve]:
    """Candidates and stretches of a long recording are points of their own."""
    stretches = search_blocks(len(y))
    seen = _gather(*(np.concatenate([values[s] for s in stretches], axis=1) for values in (y, r)))

    def nll_of(log_parameter: Floats) -> Floats:
        keypoints, candidates = log_parameter.shape
        wide = _Seen(*(np.repeat(values, candidates, axis=-1) for values in (seen.pixels, seen.weight, seen.constant)))
        repeated = _Prior(*(_spread(values, len(stretches), candidates) for values in vars(prior).values()))
        step = np.sqrt(repeated.noise * _spread(np.exp(log_parameter).reshape(-1), len(stretches), 1)[:, None]).T
        # A candidate that throws the point behind a camera is none.
        with np.errstate(all="ignore"):
            nll = _filter(cameras, repeated, step, wide).nll.reshape(len(stretches), keypoints, candidates).sum(axis=0)
        return np.where(np.isfinite(nll), nll, np.inf)

    return most_likely(nll_of, group)


def _spread(values: Floats, stretches: int, candidates: int) -> Floats:
    """Values of each keypoint for every candidate, and all that for every stretch."""
    repeated = np.repeat(values, candidates, axis=0)
    return np.tile(repeated, (stretches, *(1 for _ in values.shape[1:])))
