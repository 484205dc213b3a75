"""Cleaning and intervals of a track: median, gaps, and calibration on labels."""

import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.smoothing.gaps import fill_gaps, in_long_gap, median_filter
from tailbase.smoothing.intervals import recalibrate


def _track(values: list[float]) -> np.ndarray:
    return np.repeat(np.array(values, np.float64)[:, None, None], 2, axis=2)


NAN = float("nan")


def test_the_median_removes_a_jump() -> None:
    np.testing.assert_allclose(median_filter(_track([1, 2, 99, 4, 5]), 3)[:, 0, 0], [1.5, 2, 4, 5, 4.5])


def test_the_median_ignores_missing_points_and_leaves_them_missing() -> None:
    np.testing.assert_allclose(median_filter(_track([1, NAN, 3, 4]), 3)[:, 0, 1], [1, NAN, 3.5, 3.5])


def test_a_window_of_one_changes_nothing() -> None:
    track = _track([3, 1, NAN, 2])
    np.testing.assert_array_equal(median_filter(track, 1), track)


@pytest.mark.parametrize("window", [0, 2, -1, 1003])
def test_windows_that_are_even_or_out_of_range_are_refused(window: int) -> None:
    with pytest.raises(PoseError) as error:
        median_filter(_track([1, 2, 3]), window)
    assert error.value.code == "smoothing.window"


def test_the_median_is_the_same_however_the_recording_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    track = np.random.default_rng(0).normal(size=(50, 2, 2))
    whole = median_filter(track, 7)
    monkeypatch.setattr("tailbase.smoothing.gaps.CELLS_AT_A_TIME", 100)
    np.testing.assert_array_equal(median_filter(track, 7), whole)


def test_short_gaps_are_bridged_and_long_ones_stay() -> None:
    filled, bridged = fill_gaps(_track([0, NAN, NAN, 3, NAN, NAN, NAN, 7]), 2)
    np.testing.assert_allclose(filled[:, 0, 0], [0, 1, 2, 3, NAN, NAN, NAN, 7])
    assert bridged[:, 0].tolist() == [False, True, True, False, False, False, False, False]


def test_gaps_at_the_ends_stay() -> None:
    filled, bridged = fill_gaps(_track([NAN, 1, 2, NAN]), 5)
    assert np.isnan(filled[[0, 3]]).all()
    assert not bridged.any()


def test_nothing_is_filled_where_nothing_was_seen() -> None:
    assert not fill_gaps(_track([NAN, NAN]), 5)[1].any()


def test_runs_are_measured_keypoint_by_keypoint() -> None:
    missing = np.array([[0, 0], [1, 0], [1, 1], [0, 0]], bool)
    assert in_long_gap(missing, 1).tolist() == [[False, False], [True, False], [True, False], [False, False]]


def test_intervals_that_are_too_narrow_are_widened_to_what_they_promise() -> None:
    rng = np.random.default_rng(0)
    errors = rng.normal(0, [[[3.0], [1.0]]], (2000, 2, 2))
    found = recalibrate(errors, np.ones_like(errors))
    assert found.scale[0] == pytest.approx(9.0, rel=0.1)
    assert found.before[0] < 0.5
    np.testing.assert_allclose(found.after, 0.9, atol=0.02)


def test_intervals_that_are_wide_enough_stay() -> None:
    errors = np.random.default_rng(1).normal(0, 0.5, (200, 1, 2))
    assert recalibrate(errors, np.ones_like(errors)).scale.tolist() == [1.0]


def test_a_keypoint_with_few_labels_is_judged_with_the_others() -> None:
    rng = np.random.default_rng(2)
    errors = rng.normal(0, 2.0, (300, 2, 2))
    errors[5:, 1] = np.nan
    found = recalibrate(errors, np.ones_like(errors))
    assert found.labelled.tolist() == [600, 0]
    assert found.scale[1] == pytest.approx(4.0, rel=0.25)


def test_too_few_labels_in_all_change_nothing() -> None:
    errors = np.full((3, 1, 2), 50.0)
    found = recalibrate(errors, np.ones_like(errors))
    assert found.scale.tolist() == [1.0]
    assert np.isnan(recalibrate(np.full((3, 1, 2), np.nan), np.ones((3, 1, 2))).before).all()
