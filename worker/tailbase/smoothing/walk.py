"""Kalman smoother of scalar random walks, many at once.

x[t+1] = x[t] + w, w ~ N(0, q);  y[t] = x[t] + v, v ~ N(0, r[t]).  Frames with infinite r are skipped updates.

It runs on precisions Y and their product e with the mean, where a missing frame simply adds nothing. With
R = 1 / (1 + q Y) a step forward is Y, e -> R Y, R e, and the smoothed track runs back as m <- R m + q R e, its variance
as v <- R² v + q R: sums of positive terms, without the cancellations of the usual form.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOG_2PI = float(np.log(2 * np.pi))
FACTORS_A_LOG = 8
"""So many factors are multiplied before a logarithm is taken; none reaches 1e38."""


@dataclass(frozen=True)
class Walks:
    """Observed random walks.

    Attributes:
        weight: 1 / r, shape (frame, walk); 0 where missing.
        pull: weight times observation, same shape.
        precision0: of the first state around zero, shape (walk,).
        constant: what no parameter changes of each negative log-likelihood, shape (walk,).
    """

    weight: Floats
    pull: Floats
    precision0: Floats
    constant: Floats


def observe(y: Floats, r: Floats, variance0: Floats) -> Walks:
    """Walks around zero from observations and their variances, shape (frame, walk)."""
    seen = np.isfinite(r)
    weight = np.where(seen, 1.0 / r, 0.0)
    pull = np.where(seen, y, 0.0)
    log_noise = np.log(weight, where=seen, out=np.zeros_like(weight)).sum(axis=0)
    squares = np.einsum("tw,tw,tw->w", weight, pull, pull)
    constant = 0.5 * (seen.sum(axis=0) * LOG_2PI - log_noise + squares)
    pull *= weight
    return Walks(weight, pull, 1.0 / variance0, constant)


def walks_nll(walks: Walks, q: Floats) -> Floats:
    """Negative log-likelihoods of several step variances q, shape (walk, candidate); gives that shape."""
    frames, count = walks.weight.shape
    grow, before, after = (np.empty((frames, count, q.shape[1])) for _ in range(3))
    precision = np.repeat(walks.precision0[:, None], q.shape[1], axis=1)
    pull, shrink = np.zeros_like(precision), np.empty_like(precision)
    rows = zip(walks.weight[..., None], walks.pull[..., None], grow, before, after, strict=True)
    for weight_t, pull_t, grow_t, before_t, after_t in rows:
        np.add(precision, weight_t, out=precision)
        np.add(pull, pull_t, out=before_t)
        np.multiply(precision, q, out=grow_t)
        np.add(grow_t, 1.0, out=grow_t)
        np.reciprocal(grow_t, out=shrink)
        np.multiply(precision, shrink, out=precision)
        np.multiply(before_t, shrink, out=after_t)
        pull = after_t
    # The last frame has no step after it.
    last = precision * grow[-1]
    gained = q * np.einsum("twc,twc->wc", before[:-1], after[:-1]) + before[-1] ** 2 / last
    log_ratio = np.log(last) - np.log(walks.precision0)[:, None] + sum_of_logs(grow[:-1])
    return np.asarray(walks.constant[:, None] + 0.5 * (log_ratio - gained))


def sum_of_logs(values: Floats) -> Floats:
    """Sum over the first axis of the logarithms, of values from 1 to 1e38."""
    whole = len(values) // FACTORS_A_LOG * FACTORS_A_LOG
    products = values[:whole].reshape(-1, FACTORS_A_LOG, *values.shape[1:]).prod(axis=1)
    return np.asarray(np.log(products).sum(axis=0) + np.log(values[whole:]).sum(axis=0))


def smooth_walks(walks: Walks, q: Floats) -> tuple[Floats, Floats]:
    """Means and variances given all frames, shape (frame, walk), for one step variance q a walk."""
    shrink, mean = np.empty_like(walks.weight), np.empty_like(walks.weight)
    precision, pull = walks.precision0.copy(), np.zeros_like(q)
    for weight_t, pull_t, shrink_t, mean_t in zip(walks.weight, walks.pull, shrink, mean, strict=True):
        np.add(precision, weight_t, out=precision)
        pull = pull + pull_t
        last = precision.copy(), pull
        np.multiply(precision, q, out=shrink_t)
        np.add(shrink_t, 1.0, out=shrink_t)
        np.reciprocal(shrink_t, out=shrink_t)
        np.multiply(precision, shrink_t, out=precision)
        pull = np.multiply(pull, shrink_t, out=mean_t)
    mean *= q
    variance = shrink * q
    mean[-1], variance[-1] = last[1] / last[0], 1.0 / last[0]
    _run_back(shrink, mean, variance)
    return mean, variance


def _run_back(shrink: Floats, mean: Floats, variance: Floats) -> None:
    m, v = mean[-1], variance[-1]
    squared, scratch = shrink * shrink, np.empty_like(m)
    rows = zip(shrink[-2::-1], squared[-2::-1], mean[-2::-1], variance[-2::-1], strict=True)
    for shrink_t, squared_t, mean_t, variance_t in rows:
        m = np.add(mean_t, np.multiply(shrink_t, m, out=scratch), out=mean_t)
        v = np.add(variance_t, np.multiply(squared_t, v, out=scratch), out=variance_t)
