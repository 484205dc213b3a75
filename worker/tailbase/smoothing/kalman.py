"""Kalman smoother with a state of three numbers and independent observation noise, many at once.

x[t+1] = f x[t] + w, w ~ N(0, d²), with diagonal f and d;  y[t] = C x[t] + v, v ~ N(0, diag r[t]).  Observations with
infinite r are skipped.

It runs on the precision matrix Y of the state and its product e with the mean, to which an observation adds C'WC and
C'Wy, so the cost is that of the state and not of the observations. With scaled U = (d/f) Y (d/f) and
R = (I + U)^-1, a step forward is Y, e -> (R U) / d², R (d/f) e / d, and the smoothed state m = d n runs back as
n <- (R n + R (d/f) e) / f, its covariance d P d as P <- (R P R + R) / f². Symmetric matrices of 3 x 3 are kept as six
rows and inverted by cofactors, so that every operation is one on long rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.smoothing.walk import LOG_2PI, sum_of_logs

Floats = NDArray[np.float64]

STATE = 3
ROWS = ((0, 2), (0, 1), (1, 2), (1, 1), (0, 0), (2, 2))
"""Where the six rows of a symmetric matrix stand in it: rows 1 to 3 are its middle line, for the determinant."""

PRODUCT = ((0, 2), (1, 0), (2, 1), (1, 1), (0, 0), (2, 2))
"""The same places, written so that the first three name each line once: one look-up serves two products."""

CHUNK = 500


def _row(i: int, j: int) -> int:
    return ROWS.index((min(i % 3, j % 3), max(i % 3, j % 3)))


_FULL = np.array([[_row(i, j) for j in range(3)] for i in range(3)])
_COFACTORS = np.array(
    [
        [_row(i + 1, j + 1) for i, j in ROWS], [_row(i + 2, j + 2) for i, j in ROWS],
        [_row(i + 1, j + 2) for i, j in ROWS], [_row(i + 2, j + 1) for i, j in ROWS],
    ]
)  # fmt: skip
_LEFT = np.array([[_row(i, j) for j in range(3)] for i, _ in PRODUCT])
_RIGHT = np.array([[_row(j, k) for j in range(3)] for _, k in PRODUCT])
_EYE = np.array([float(i == j) for i, j in ROWS])


@dataclass(frozen=True)
class Observed:
    """What the observations say about the state.

    Attributes:
        precision: C'WC as six rows, shape (frame, 6, item).
        pull: C'Wy, shape (frame, 3, item).
        constant: what no parameter changes of each negative log-likelihood, shape (item,).
    """

    precision: Floats
    pull: Floats
    constant: Floats


@dataclass(frozen=True)
class Model:
    """How states move; one or several candidates for each item.

    Attributes:
        factor: f, shape (3, item, candidate), above 0.
        step: d, same shape, above 0.
        mean0: prior mean of the first state, shape (3, item).
        covariance0: its covariance, shape (item, 3, 3).
    """

    factor: Floats
    step: Floats
    mean0: Floats
    covariance0: Floats


def observe(directions: Floats, y: Floats, r: Floats) -> Observed:
    """Gather observations.

    Args:
        directions: C, shape (item, observation, 3).
        y: observations, shape (frame, item, observation); anything where r is infinite.
        r: their variances, same shape.
    """
    seen = np.isfinite(r)
    weight = np.where(seen, 1.0 / r, 0.0)
    safe = np.where(seen, y, 0.0)
    weighted = weight * safe
    pairs = np.stack([directions[..., i] * directions[..., j] for i, j in ROWS])
    precision = np.einsum("tkn,akn->tak", weight, pairs, optimize=True)
    pull = np.einsum("tkn,kna->tak", weighted, directions, optimize=True)
    log_noise = np.log(weight, where=seen, out=np.zeros_like(weight)).sum(axis=(0, 2))
    squares = np.einsum("tkn,tkn->k", weighted, safe)
    return Observed(precision, pull, 0.5 * (seen.sum(axis=(0, 2)) * LOG_2PI - log_noise + squares))


def side_by_side(parts: Sequence[Observed]) -> Observed:
    """Stretches of the same number of frames as items of their own, stretch by stretch."""
    return Observed(
        np.concatenate([part.precision for part in parts], axis=2),
        np.concatenate([part.pull for part in parts], axis=2),
        np.concatenate([part.constant for part in parts]),
    )


class _Run:
    """The state of a filter between frames, and the scratch space of its steps."""

    def __init__(self, model: Model) -> None:
        shape = model.factor.shape[1:]
        ones = np.ones((1, *shape))
        first = inverse(six_rows(model.covariance0))[:, :, None]
        self.precision = first * ones
        self.pull = multiply(first, model.mean0[:, :, None]) * ones
        self.stretch = model.step / model.factor
        self.shrink = 1.0 / model.step
        self.stretch6 = np.stack([self.stretch[i] * self.stretch[j] for i, j in ROWS])
        self.shrink6 = np.stack([self.shrink[i] * self.shrink[j] for i, j in ROWS])
        self.eye = _EYE.reshape(6, *(1 for _ in shape)) * ones
        self.six = [np.empty((6, *shape)) for _ in range(4)]
        self.three = np.empty((3, *shape))
        self.pairs = np.empty((4, 6, *shape))
        self.left, self.right = np.empty((6, 3, *shape)), np.empty((6, 3, *shape))

    def step(
        self, precision: Floats, pull: Floats, det: Floats, inverse_: Floats, scaled: Floats, moved: Floats
    ) -> None:
        """Take in one frame and go on to the next; keeps |M|, R, (d/f) e and R (d/f) e of the frame."""
        scaled_precision, grown, product, other = self.six
        np.add(self.precision, precision, out=self.precision)
        np.add(self.pull, pull, out=self.pull)
        np.multiply(self.precision, self.stretch6, out=scaled_precision)
        np.add(scaled_precision, self.eye, out=grown)
        grown.take(_COFACTORS, axis=0, out=self.pairs, mode="clip")
        np.multiply(self.pairs[0], self.pairs[1], out=product)
        np.multiply(self.pairs[2], self.pairs[3], out=other)
        np.subtract(product, other, out=product)
        np.multiply(grown[1:4], product[1:4], out=self.three)
        np.add.reduce(self.three, axis=0, out=det)
        np.divide(product, det, out=inverse_)
        inverse_.take(_LEFT, axis=0, out=self.left, mode="clip")
        np.multiply(self.pull, self.stretch, out=scaled)
        np.multiply(self.left[:3], scaled, out=self.right[:3])
        np.add.reduce(self.right[:3], axis=1, out=moved)
        np.multiply(moved, self.shrink, out=self.pull)
        scaled_precision.take(_RIGHT, axis=0, out=self.right, mode="clip")
        np.multiply(self.left, self.right, out=self.right)
        np.add.reduce(self.right, axis=1, out=self.precision)
        np.multiply(self.precision, self.shrink6, out=self.precision)


def states_nll(observed: Observed, model: Model) -> Floats:
    """Negative log-likelihoods, shape (item, candidate)."""
    frames, shape = len(observed.precision), model.factor.shape[1:]
    size = min(CHUNK, frames)
    det, kept = np.empty((size, *shape)), np.empty((6, *shape))
    scaled, moved = np.empty((size, 3, *shape)), np.empty((size, 3, *shape))
    run = _Run(model)
    log_ratio, gained = np.zeros(shape), np.zeros(shape)
    first_precision, first_pull = run.precision.copy(), run.pull.copy()
    # The last frame has no step after it and comes after the loop.
    for start in range(0, frames - 1, size):
        stop = min(start + size, frames - 1)
        for t in range(start, stop):
            here = t - start
            run.step(
                observed.precision[t, ..., None],
                observed.pull[t, ..., None],
                det[here],
                kept,
                scaled[here],
                moved[here],
            )
        log_ratio += sum_of_logs(det[: stop - start])
        gained += np.einsum("taic,taic->ic", scaled[: stop - start], moved[: stop - start])
    precision, pull = run.precision + observed.precision[-1, ..., None], run.pull + observed.pull[-1, ..., None]
    log_ratio += 2 * (frames - 1) * np.log(model.factor).sum(axis=0)
    log_ratio += np.log(determinant(precision)) - np.log(determinant(first_precision))
    gained += _square(precision, pull) - _square(first_precision, first_pull)
    return np.asarray(observed.constant[:, None] + 0.5 * (log_ratio - gained))


def _square(precision: Floats, pull: Floats) -> Floats:
    return np.asarray((pull * multiply(inverse(precision), pull)).sum(axis=0))


def smooth_states(observed: Observed, model: Model) -> tuple[Floats, Floats]:
    """Means, shape (frame, item, 3), and covariances, shape (frame, item, 3, 3), given all frames.

    The model has one candidate.
    """
    frames, items = len(observed.precision), model.factor.shape[1]
    shrunk, moved = np.empty((frames, 6, items, 1)), np.empty((frames, 3, items, 1))
    det, scaled = np.empty((items, 1)), np.empty((3, items, 1))
    run = _Run(model)
    for t in range(frames - 1):
        run.step(observed.precision[t, ..., None], observed.pull[t, ..., None], det, shrunk[t], scaled, moved[t])
    precision, pull = run.precision + observed.precision[-1, ..., None], run.pull + observed.pull[-1, ..., None]
    covariance = inverse(precision)
    mean = multiply(covariance, pull)
    return run_back(
        shrunk[..., 0], moved[..., 0], model.factor[..., 0], model.step[..., 0], mean[..., 0], covariance[..., 0]
    )


def run_back(
    shrunk: Floats, moved: Floats, factor: Floats, step: Floats, mean: Floats, covariance: Floats
) -> tuple[Floats, Floats]:
    """Means and covariances given all frames, from what the filter kept.

    Args:
        shrunk: R of each frame as six rows, shape (frame, 6, item); of the last one anything.
        moved: R (d/f) e, shape (frame, 3, item); of the last one anything.
        factor, step: f and d, shape (3, item).
        mean, covariance: of the last frame, shape (3, item) and six rows (6, item).
    """
    d = step.T
    last = np.empty((d.shape[0], 3, 4))
    last[..., :3] = covariance[_FULL].transpose(2, 0, 1) / (d[:, :, None] * d[:, None, :])
    last[..., 3] = mean.T / d
    means, covariances = _run_back(shrunk, moved, 1.0 / factor.T, last)
    means *= d
    covariances *= d[:, :, None] * d[:, None, :]
    return means, covariances


def _run_back(shrunk: Floats, moved: Floats, undo: Floats, last: Floats) -> tuple[Floats, Floats]:
    """Scaled means and covariances; `last` has both of the last frame, shape (item, 3, 4)."""
    frames, _, items = shrunk.shape
    full = np.ascontiguousarray(shrunk[:, _FULL].transpose(0, 3, 1, 2))
    both = np.zeros((frames, items, 3, 4))
    both[:-1, ..., :3] = full[:-1]
    both[:-1, ..., 3] = moved[:-1].transpose(0, 2, 1)
    both[-1] = last
    scale = None
    if not np.all(undo == 1.0):
        scale = np.concatenate([undo[:, :, None] * undo[:, None, :], undo[:, :, None]], axis=2)
    here = np.empty((items, 3, 4))
    for t in range(frames - 2, -1, -1):
        np.matmul(full[t], both[t + 1], out=here)
        np.matmul(here[..., :3], full[t], out=here[..., :3])
        np.add(both[t], here, out=both[t])
        if scale is not None:
            np.multiply(both[t], scale, out=both[t])
    return both[..., 3].copy(), both[..., :3].copy()


def six_rows(matrices: Floats) -> Floats:
    """Symmetric matrices, shape (..., 3, 3), as six rows, shape (6, ...)."""
    return np.stack([matrices[..., i, j] for i, j in ROWS])


def determinant(rows: Floats) -> Floats:
    return np.asarray((rows[1:4] * _cofactors(rows)[1:4]).sum(axis=0))


def inverse(rows: Floats) -> Floats:
    """Inverse of symmetric matrices, as six rows along the first axis."""
    cofactors = _cofactors(rows)
    return np.asarray(cofactors / (rows[1:4] * cofactors[1:4]).sum(axis=0))


def _cofactors(rows: Floats) -> Floats:
    pairs = rows[_COFACTORS]
    return np.asarray(pairs[0] * pairs[1] - pairs[2] * pairs[3])


def multiply(rows: Floats, vectors: Floats) -> Floats:
    """Symmetric matrices times vectors, shape (3, ...)."""
    return np.asarray((rows[_FULL] * vectors).sum(axis=1))
