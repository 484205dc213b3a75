"""Variance inflation: a view that contradicts the others by more than its variance allows is trusted less.

A factor analysis of the frames where the ensemble agrees predicts each view from all of them; the Mahalanobis distance
of the difference tells contradiction from noise.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIMIT = 5.0
FACTOR = 10.0
MAX_ROUNDS = 12
"""A view's variance grows at most 10^12-fold; after that it has no say anyway."""

EM_ROUNDS = 1000
EM_TOLERANCE = 1e-2


def inflate_disagreeing_views(y: Floats, r: Floats, latent: int) -> Floats:
    """Widened variances.

    Args:
        y: coordinates, shape (frame, keypoint, coordinate), x and y of each view in turn.
        r: their variances, same shape; infinite where a point is missing.
        latent: dimensions of the space the points move in.
    """
    widened = r.copy()
    for k in range(y.shape[1]):
        complete = np.isfinite(r[:, k]).all(axis=1)
        widened[complete, k] = _inflate(y[complete, k], r[complete, k], latent)
    return widened


def _inflate(x: Floats, variance: Floats, latent: int) -> Floats:
    """Raise the variance of contradicting views tenfold until none contradicts; with two views, of both.

    The space is fitted anew each round, as the frames that the ensemble agrees on are other ones then.
    """
    v = variance.copy()
    views = x.shape[1] // 2
    for _ in range(MAX_ROUNDS):
        worst = v.max(axis=1, initial=0.0)
        good = worst < (np.percentile(worst, 50) if len(worst) else 0.0)
        if good.sum() <= 2 * x.shape[1]:
            break
        loadings, mean = factor_analysis(x[good], min(latent, x.shape[1] - 1))
        flagged = _distances(x - mean, v, loadings) > LIMIT
        if not flagged.any():
            break
        if views == 2:
            flagged |= flagged.any(axis=1, keepdims=True)
        v *= np.where(np.repeat(flagged, 2, axis=1), FACTOR, 1.0)
    return v


def _distances(x: Floats, v: Floats, loadings: Floats) -> Floats:
    """Squared Mahalanobis distance of each view from what all views together predict, shape (frame, view)."""
    precision = 1.0 / (v + 1e-6)
    posterior = np.linalg.inv(np.einsum("ni,tn,nj->tij", loadings, precision, loadings, optimize=True))
    latent = np.einsum("tij,nj,tn->ti", posterior, loadings, precision * x, optimize=True)
    residual = (x - latent @ loadings.T).reshape(len(x), -1, 2)
    per_view = loadings.reshape(-1, 2, loadings.shape[1])
    spread = np.einsum("vai,tij,vbj->tvab", per_view, posterior, per_view, optimize=True)
    spread += v.reshape(len(x), -1, 2)[..., None] * np.eye(2)
    return np.asarray((residual * np.linalg.solve(spread, residual[..., None])[..., 0]).sum(axis=-1))


def factor_analysis(rows: Floats, factors: int) -> tuple[Floats, Floats]:
    """Maximum-likelihood factor analysis by expectation maximisation with an SVD step (Barber 2012, section 21.1.1).

    Returns:
        Loadings, shape (coordinate, factor), and the mean, shape (coordinate,).
    """
    mean = rows.mean(axis=0)
    centred = rows - mean
    total = centred.var(axis=0) + 1e-12
    unique = np.ones(len(total))
    loadings = np.zeros((len(total), factors))
    before = -np.inf
    for _ in range(EM_ROUNDS):
        scale = np.sqrt(unique) + 1e-12
        singular, directions = np.linalg.svd(centred / (scale * np.sqrt(len(rows))), full_matrices=False)[1:]
        strength = singular**2
        loadings = (directions[:factors].T * np.sqrt(np.maximum(strength[:factors] - 1.0, 0.0))) * scale[:, None]
        explained = np.log(strength[:factors]).sum() + strength[factors:].sum() + np.log(unique).sum()
        log_likelihood = -0.5 * len(rows) * float(explained)
        if log_likelihood - before < EM_TOLERANCE:
            break
        before = log_likelihood
        unique = np.maximum(total - (loadings**2).sum(axis=1), 1e-12)
    return loadings, mean
