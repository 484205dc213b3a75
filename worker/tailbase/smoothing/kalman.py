"""Kalman filter and smoother with a small state and independent observation noise, many at once.

x[t+1] = A x[t] + w, w ~ N(0, Q);  y[t] = C x[t] + v, v ~ N(0, diag r[t]).  Observations with infinite r are skipped.
The update runs in information form, so its cost is that of the state (at most a few numbers), not of the observations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.smoothing.walk import LOG_2PI

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A batch of linear models.

    Attributes:
        observe: C, shape (batch, observation, state).
        step: A, shape (batch, state, state).
        noise: Q, shape (batch, state, state).
        mean0: prior mean of the first state, shape (batch, state).
        covariance0: its covariance, shape (batch, state, state).
    """

    observe: Floats
    step: Floats
    noise: Floats
    mean0: Floats
    covariance0: Floats


@dataclass(frozen=True)
class Filtered:
    """Shapes (frame, batch, state), (frame, batch, state, state) twice, and (batch,)."""

    mean: Floats
    covariance: Floats
    predicted: Floats
    nll: Floats


def filter_states(model: Model, y: Floats, r: Floats) -> Filtered:
    """Filter forward in time.

    Args:
        y: observations, shape (frame, batch, observation); anything finite where r is infinite.
        r: their variances, same shape.
    """
    frames, batch, _ = y.shape
    state = model.mean0.shape[1]
    weight = np.where(np.isfinite(r), 1.0 / r, 0.0)
    information = np.einsum("bni,tbn,bnj->tbij", model.observe, weight, model.observe, optimize=True)
    mean = np.empty((frames, batch, state))
    covariance = np.empty((frames, batch, state, state))
    predicted = np.empty_like(covariance)
    surprise = np.empty_like(y)
    back = np.swapaxes(model.observe, 1, 2).copy()
    step_t = np.swapaxes(model.step, 1, 2).copy()
    eye = np.eye(state)
    m, p = model.mean0, model.covariance0
    for t in range(frames):
        if t:
            m = (model.step @ m[..., None])[..., 0]
            p = model.step @ p @ step_t + model.noise
        predicted[t] = p
        surprise[t] = y[t] - (model.observe @ m[..., None])[..., 0]
        p = np.linalg.inv(eye + p @ information[t]) @ p
        p = 0.5 * (p + np.swapaxes(p, 1, 2))
        m = m + (p @ (back @ (weight[t] * surprise[t])[..., None]))[..., 0]
        mean[t], covariance[t] = m, p
    return Filtered(mean, covariance, predicted, _nll(back, surprise, weight, covariance, predicted))


def _nll(back: Floats, surprise: Floats, weight: Floats, covariance: Floats, predicted: Floats) -> Floats:
    """The innovations' density, from the states' covariances before and after the update."""
    seen = weight > 0
    weighted = weight * surprise
    pull = np.einsum("bin,tbn->tbi", back, weighted, optimize=True)
    quadratic = (weighted * surprise).sum(axis=2) - np.einsum("tbi,tbij,tbj->tb", pull, covariance, pull, optimize=True)
    log_noise = -np.log(np.where(seen, weight, 1.0)).sum(axis=2)
    log_shrink = np.linalg.slogdet(predicted)[1] - np.linalg.slogdet(covariance)[1]
    terms = seen.sum(axis=2) * LOG_2PI + log_noise + log_shrink + quadratic
    return np.asarray(0.5 * terms.sum(axis=0))


def smooth_states(model: Model, filtered: Filtered) -> tuple[Floats, Floats]:
    """Rauch-Tung-Striebel pass backward.

    Returns:
        Means, shape (frame, batch, state), and covariances, shape (frame, batch, state, state), given all frames.
    """
    mean, covariance = filtered.mean.copy(), filtered.covariance.copy()
    forward = np.einsum("bij,tbjk->tbik", model.step, filtered.covariance[:-1], optimize=True)
    gain = np.swapaxes(np.linalg.solve(filtered.predicted[1:], forward), 2, 3).copy()
    gain_t = np.swapaxes(gain, 2, 3).copy()
    ahead = np.einsum("bij,tbj->tbi", model.step, filtered.mean[:-1], optimize=True)
    for t in range(len(mean) - 2, -1, -1):
        mean[t] += (gain[t] @ (mean[t + 1] - ahead[t])[..., None])[..., 0]
        covariance[t] += gain[t] @ (covariance[t + 1] - filtered.predicted[t + 1]) @ gain_t[t]
    return mean, covariance
