"""The three-number smoother against the usual Kalman filter and smoother, written plainly."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tailbase.smoothing.kalman import Model, inverse, observe, six_rows, smooth_states, states_nll

Floats = NDArray[np.float64]


def _plain(
    c: Floats, f: Floats, d: Floats, mean0: Floats, covariance0: Floats, y: Floats, r: Floats
) -> tuple[Floats, Floats, float]:
    a, q = np.diag(f), np.diag(d**2)
    m, p, nll = mean0, covariance0, 0.0
    means, covariances, ahead, predicted = [], [], [], []
    for t in range(len(y)):
        if t:
            m, p = a @ m, a @ p @ a.T + q
        ahead.append(m)
        predicted.append(p)
        seen = np.isfinite(r[t])
        if seen.any():
            h = c[seen]
            s = h @ p @ h.T + np.diag(r[t, seen])
            e = y[t, seen] - h @ m
            nll += 0.5 * (len(e) * np.log(2 * np.pi) + np.linalg.slogdet(s)[1] + e @ np.linalg.solve(s, e))
            gain = p @ h.T @ np.linalg.inv(s)
            m, p = m + gain @ e, (np.eye(3) - gain @ h) @ p
        means.append(m)
        covariances.append(p)
    for t in range(len(y) - 2, -1, -1):
        gain = covariances[t] @ a.T @ np.linalg.inv(predicted[t + 1])
        means[t] = means[t] + gain @ (means[t + 1] - ahead[t + 1])
        covariances[t] = covariances[t] + gain @ (covariances[t + 1] - predicted[t + 1]) @ gain.T
    return np.stack(means), np.stack(covariances), nll


@pytest.mark.parametrize("seed", range(4))
def test_means_covariances_and_likelihood_are_those_of_the_usual_filter_and_smoother(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames, items, observations = 40, 2, 4
    c = rng.normal(size=(items, observations, 3))
    f = np.ones((3, items)) if seed % 2 else rng.uniform(0.3, 0.99, (3, items))
    d, mean0 = rng.uniform(0.1, 3.0, (3, items)), rng.normal(size=(3, items))
    root = rng.normal(size=(items, 3, 3))
    covariance0 = root @ root.transpose(0, 2, 1) + np.eye(3)
    y, r = rng.normal(0, 5, (frames, items, observations)), rng.gamma(1.0, 1.0, (frames, items, observations)) + 1e-3
    r[rng.random(r.shape) < 0.2] = np.inf
    r[20:25, 0] = np.inf
    observed = observe(c, y, r)
    model = Model(f[..., None], d[..., None], mean0, covariance0)
    mean, covariance = smooth_states(observed, model)
    nll = states_nll(observed, model)
    for k in range(items):
        expected = _plain(c[k], f[:, k], d[:, k], mean0[:, k], covariance0[k], y[:, k], r[:, k])
        np.testing.assert_allclose(mean[:, k], expected[0], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(covariance[:, k], expected[1], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(nll[k, 0], expected[2], rtol=1e-9)


def test_a_long_recording_is_the_sum_of_its_pieces_work() -> None:
    rng = np.random.default_rng(9)
    c, y = rng.normal(size=(1, 4, 3)), rng.normal(size=(1203, 1, 4))
    model = Model(np.ones((3, 1, 1)), np.full((3, 1, 1), 0.7), np.zeros((3, 1)), np.eye(3)[None])
    expected = _plain(c[0], np.ones(3), np.full(3, 0.7), np.zeros(3), np.eye(3), y[:, 0], np.ones((1203, 4)))
    np.testing.assert_allclose(states_nll(observe(c, y, np.ones_like(y)), model)[0, 0], expected[2], rtol=1e-9)


def test_six_rows_are_inverted_as_the_matrices_they_stand_for() -> None:
    root = np.random.default_rng(3).normal(size=(5, 3, 3))
    matrices = root @ root.transpose(0, 2, 1)
    np.testing.assert_allclose(inverse(six_rows(matrices)), six_rows(np.linalg.inv(matrices)), rtol=1e-8)
