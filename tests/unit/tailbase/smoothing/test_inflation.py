import numpy as np

from tailbase.smoothing.inflation import FACTOR, MAX_ROUNDS, factor_analysis, inflate_disagreeing_views

DIRECTIONS = np.random.default_rng(0).normal(size=(6, 3))


def _three_views(frames: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    y = rng.normal(0, 20, (frames, 3)) @ DIRECTIONS.T + rng.normal(0, 0.5, (frames, 6))
    return y[:, None], rng.uniform(0.2, 0.4, (frames, 1, 6))


def test_a_view_that_contradicts_the_others_is_trusted_less() -> None:
    y, r = _three_views()
    y[50, 0, 2:4] += 80
    widened = inflate_disagreeing_views(y, r, 3)
    assert (widened[50, 0, 2:4] >= 10 * r[50, 0, 2:4]).all()
    assert (widened[50, 0, 4:] == r[50, 0, 4:]).all() or (widened[50, 0, 2:4] > widened[50, 0, 4:]).all()


def test_views_that_agree_keep_their_variance() -> None:
    y, r = _three_views()
    assert (inflate_disagreeing_views(y, r, 3) == r).mean() > 0.9


def test_of_two_views_that_contradict_both_are_trusted_less() -> None:
    y, r = _three_views()
    y, r = y[..., :4].copy(), r[..., :4]
    y[30, 0, :2] += 200
    widened = inflate_disagreeing_views(y, r, 3)
    assert (widened[30] > r[30]).all()


def test_variances_stay_within_bounds_however_wrong_a_view_is() -> None:
    y, r = _three_views()
    y[:, 0, :2] = np.random.default_rng(2).normal(0, 1e6, (200, 2))
    widened = inflate_disagreeing_views(y, r, 3)
    assert np.isfinite(widened).all()
    assert widened.max() <= r.max() * FACTOR**MAX_ROUNDS


def test_frames_with_a_missing_view_are_left_alone() -> None:
    y, r = _three_views()
    r[10, 0, :2] = np.inf
    y[10, 0, 2:4] += 500
    np.testing.assert_array_equal(inflate_disagreeing_views(y, r, 3)[10], r[10])


def test_too_few_frames_are_left_alone() -> None:
    y, r = _three_views(6)
    np.testing.assert_array_equal(inflate_disagreeing_views(y, r, 3), r)


def test_factor_analysis_finds_the_space_points_move_in() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(5000, 3)) @ DIRECTIONS.T + rng.normal(0, 0.3, (5000, 6)) + 7
    loadings, mean = factor_analysis(rows, 3)
    np.testing.assert_allclose(loadings @ loadings.T, DIRECTIONS @ DIRECTIONS.T, atol=0.35)
    np.testing.assert_allclose(mean, 7, atol=0.2)
