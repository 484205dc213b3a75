"""Ensemble Kalman smoother for calibrated cameras: each keypoint is a point in space that every camera sees.

An extended Kalman filter with the analytic Jacobian of the lens; the step noise comes from how the triangulated points
move, and every camera has its own ensemble's noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.smoothing.cameras import Cameras, project_with_jacobian, triangulate
from tailbase.smoothing.ensemble import Ensemble
from tailbase.smoothing.inflation import inflate_disagreeing_views
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
    mean: Floats
    covariance: Floats
    noise: Floats


@dataclass(frozen=True)
class _Filtered:
    mean: Floats
    covariance: Floats
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
    noise = prior.noise * chosen[:, None, None]
    mean, covariance = _smooth(_filter(cameras, prior.mean, prior.covariance, noise, y, r), noise)
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
    return track[:FIRST_FRAMES].mean(axis=0), np.diag(track.var(axis=0) + 1e-4), np.diag(noise)


def _filter(cameras: Cameras, mean0: Floats, covariance0: Floats, noise: Floats, y: Floats, r: Floats) -> _Filtered:
    """Extended Kalman filter of a batch of points; y and r have shape (frame, point, camera, 2)."""
    frames, batch = y.shape[:2]
    weight = np.where(np.isfinite(r), 1.0 / r, 0.0).reshape(frames, batch, -1)
    constant = 0.5 * ((weight > 0) * LOG_2PI - np.log(np.where(weight > 0, weight, 1.0))).sum(axis=(0, 2))
    means, covariances = np.empty((frames, batch, 3)), np.empty((frames, batch, 3, 3))
    nll = constant
    m, p = mean0, covariance0
    for t in range(frames):
        if t:
            p = p + noise
        pixels, jacobian = project_with_jacobian(cameras, m)
        surprise = (y[t] - pixels).reshape(batch, -1)
        slope = jacobian.reshape(batch, -1, 3)
        weighted_slope = slope * weight[t][..., None]
        grow = np.eye(3) + p @ (np.swapaxes(slope, 1, 2) @ weighted_slope)
        p = np.linalg.inv(grow) @ p
        p = 0.5 * (p + np.swapaxes(p, 1, 2))
        pull = np.einsum("bni,bn->bi", weighted_slope, surprise)
        change = (p @ pull[..., None])[..., 0]
        m = m + change
        quadratic = (weight[t] * surprise**2).sum(axis=1) - (pull * change).sum(axis=1)
        nll = nll + 0.5 * (np.linalg.slogdet(grow)[1] + quadratic)
        means[t], covariances[t] = m, p
    return _Filtered(means, covariances, nll)


def _smooth(filtered: _Filtered, noise: Floats) -> tuple[Floats, Floats]:
    mean, covariance = filtered.mean.copy(), filtered.covariance.copy()
    predicted = filtered.covariance + noise
    gain = np.swapaxes(np.linalg.solve(predicted, filtered.covariance), 2, 3).copy()
    for t in range(len(mean) - 2, -1, -1):
        mean[t] += (gain[t] @ (mean[t + 1] - mean[t])[..., None])[..., 0]
        covariance[t] += gain[t] @ (covariance[t + 1] - predicted[t]) @ np.swapaxes(gain[t], 1, 2)
    return mean, covariance


def _search(cameras: Cameras, prior: _Prior, y: Floats, r: Floats, group: NDArray[np.int64]) -> tuple[Floats, Curve]:
    blocks = search_blocks(len(y))

    def nll_of(log_parameter: Floats) -> Floats:
        candidates = log_parameter.shape[1]
        mean0, covariance0 = np.repeat(prior.mean, candidates, axis=0), np.repeat(prior.covariance, candidates, axis=0)
        noise = np.repeat(prior.noise, candidates, axis=0) * np.exp(log_parameter).reshape(-1)[:, None, None]
        total = np.zeros(log_parameter.size)
        for block in blocks:
            wide_y, wide_r = np.repeat(y[block], candidates, axis=1), np.repeat(r[block], candidates, axis=1)
            total += _filter(cameras, mean0, covariance0, noise, wide_y, wide_r).nll
        return np.where(np.isfinite(total), total, np.inf).reshape(log_parameter.shape)

    return most_likely(nll_of, group)
