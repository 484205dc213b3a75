"""Kalman filter and smoother of scalar random walks, many at once.

x[t+1] = x[t] + w, w ~ N(0, q);  y[t] = x[t] + v, v ~ N(0, r[t]).  Frames with infinite r are skipped updates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Filtered:
    """Means and variances after each frame's update, and the negative log-likelihood of each walk."""

    mean: Floats
    variance: Floats
    nll: Floats


def filter_walks(y: Floats, r: Floats, q: Floats, variance0: Floats) -> Filtered:
    """Filter forward in time.

    Args:
        y: observations, shape (frame, walk); anything finite where r is infinite.
        r: their variances, shape (frame, walk).
        q: variance of a step, shape (walk,).
        variance0: prior variance of the first state around zero, shape (walk,).
    """
    mean, variance = np.empty_like(y), np.empty_like(y)
    surprise, spread = np.empty_like(y), np.empty_like(y)
    m, p = np.zeros_like(q), variance0.astype(np.float64)
    gain = np.empty_like(q)
    for t in range(len(y)):
        if t:
            p = p + q
        np.add(p, r[t], out=spread[t])
        np.subtract(y[t], m, out=surprise[t])
        np.divide(p, spread[t], out=gain)
        m = m + gain * surprise[t]
        p = p - gain * p
        mean[t], variance[t] = m, p
    return Filtered(mean, variance, _nll(surprise, spread))


def _nll(surprise: Floats, spread: Floats) -> Floats:
    seen = np.isfinite(spread)
    safe = np.where(seen, spread, 1.0)
    terms = np.where(seen, LOG_2PI + np.log(safe) + surprise**2 / safe, 0.0)
    return np.asarray(0.5 * terms.sum(axis=0))


def smooth_walks(filtered: Filtered, q: Floats) -> tuple[Floats, Floats]:
    """Rauch-Tung-Striebel pass backward; gives means and variances given all frames, shape (frame, walk)."""
    predicted = filtered.variance + q
    gain = filtered.variance / np.maximum(predicted, np.finfo(np.float64).tiny)
    mean, variance = filtered.mean.copy(), filtered.variance.copy()
    for t in range(len(mean) - 2, -1, -1):
        mean[t] += gain[t] * (mean[t + 1] - mean[t])
        variance[t] += gain[t] ** 2 * (variance[t + 1] - predicted[t])
    return mean, variance
