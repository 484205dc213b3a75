"""The scalar smoother against the usual Kalman filter and smoother, written plainly."""

import numpy as np
from numpy.typing import NDArray

from tailbase.smoothing.walk import observe, smooth_walks, walks_nll

Floats = NDArray[np.float64]


def _plain(y: Floats, r: Floats, q: float, variance0: float) -> tuple[Floats, Floats, float]:
    """One walk: means and variances given all frames, and the negative log-likelihood."""
    m, p, nll = 0.0, variance0, 0.0
    means, variances, predicted = [], [], []
    for t in range(len(y)):
        if t:
            p += q
        predicted.append(p)
        if np.isfinite(r[t]):
            s = p + r[t]
            nll += 0.5 * (np.log(2 * np.pi * s) + (y[t] - m) ** 2 / s)
            gain = p / s
            m, p = m + gain * (y[t] - m), (1 - gain) * p
        means.append(m)
        variances.append(p)
    for t in range(len(y) - 2, -1, -1):
        gain = variances[t] / predicted[t + 1]
        means[t] += gain * (means[t + 1] - means[t])
        variances[t] += gain**2 * (variances[t + 1] - predicted[t + 1])
    return np.array(means), np.array(variances), nll


def _walks(seed: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    y, r = np.cumsum(rng.normal(size=(60, 3)), axis=0), rng.gamma(1.0, 2.0, (60, 3)) + 1e-3
    r[10:20, 1] = np.inf
    r[0, 2] = r[-1, 2] = np.inf
    return np.where(np.isfinite(r), y, 0.0), r


def test_means_variances_and_likelihood_are_those_of_the_usual_filter_and_smoother() -> None:
    y, r = _walks(0)
    q, variance0 = np.array([0.3, 2.0, 50.0]), np.array([4.0, 9.0, 1.0])
    walks = observe(y, r, variance0)
    mean, variance = smooth_walks(walks, q)
    nll = walks_nll(walks, q[:, None])[:, 0]
    for k in range(3):
        expected = _plain(y[:, k], r[:, k], q[k], variance0[k])
        np.testing.assert_allclose(mean[:, k], expected[0], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(variance[:, k], expected[1], rtol=1e-9)
        np.testing.assert_allclose(nll[k], expected[2], rtol=1e-10)


def test_extreme_parameters_and_variances_stay_exact() -> None:
    y, r = _walks(1)
    r = np.where(np.arange(60)[:, None] % 7 == 0, 1e-6, r * 1e8)
    for q in (6e-6, 1.6e5):
        walks = observe(y, r, np.full(3, 100.0))
        mean, variance = smooth_walks(walks, np.full(3, q))
        expected = _plain(y[:, 0], r[:, 0], q, 100.0)
        np.testing.assert_allclose(mean[:, 0], expected[0], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(variance[:, 0], expected[1], rtol=1e-4)
        np.testing.assert_allclose(walks_nll(walks, np.full((3, 1), q))[0, 0], expected[2], rtol=1e-9)


def test_several_candidates_give_what_each_gives_alone() -> None:
    y, r = _walks(2)
    walks = observe(y, r, np.ones(3))
    q = np.array([[0.1, 1.0, 10.0]] * 3)
    together = walks_nll(walks, q)
    alone = np.hstack([walks_nll(walks, q[:, i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(together, alone, rtol=1e-13)


def test_a_walk_that_is_never_seen_stays_at_its_prior_mean_and_grows_in_variance() -> None:
    walks = observe(np.zeros((4, 1)), np.full((4, 1), np.inf), np.array([2.0]))
    mean, variance = smooth_walks(walks, np.array([0.5]))
    np.testing.assert_allclose(mean[:, 0], 0.0)
    np.testing.assert_allclose(variance[:, 0], [2.0, 2.5, 3.0, 3.5])
    np.testing.assert_allclose(walks_nll(walks, np.array([[0.5]])), 0.0, atol=1e-12)


def test_one_frame_is_enough() -> None:
    mean, variance = smooth_walks(observe(np.array([[3.0]]), np.array([[1.0]]), np.array([1.0])), np.array([10.0]))
    np.testing.assert_allclose([mean[0, 0], variance[0, 0]], [1.5, 0.5])
