"""Figures of pixel errors."""

import numpy as np
import pytest

from tailbase.evaluation.errors import body_length, body_lengths, distances, summarize


def test_a_distance_is_euclidean_and_nan_without_a_label() -> None:
    found = distances(np.array([[3.0, 4.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [np.nan, np.nan]]))
    assert found[0] == 5
    assert np.isnan(found[1])


def test_the_figures_are_over_all_labelled_points() -> None:
    errors = np.array([[1.0, 3.0], [2.0, np.nan], [6.0, np.nan]])
    figures = summarize(errors, ["nose", "tail"])
    assert figures["points"] == 4
    assert figures["mean_px"] == 3
    assert figures["median_px"] == 2.5
    assert figures["p90_px"] == pytest.approx(5.1)
    assert figures["rmse_px"] == pytest.approx(np.sqrt(50 / 4))
    assert figures["per_keypoint"]["nose"] == {"mean_px": 3, "median_px": 2, "points": 3}


def test_the_rmse_is_of_distances_not_of_coordinates() -> None:
    assert summarize(distances(np.array([[3.0, 4.0]]), np.zeros((1, 2)))[None], ["nose"])["rmse_px"] == 5


def test_a_keypoint_without_labels_has_no_figures() -> None:
    figures = summarize(np.array([[np.nan]]), ["nose"])
    assert figures["mean_px"] is None
    assert figures["per_keypoint"]["nose"] == {"mean_px": None, "median_px": None, "points": 0}


def test_the_body_length_is_the_median_extent() -> None:
    poses = np.zeros((3, 2, 2))
    poses[:, 1, 0] = [10, 20, 90]
    assert body_length(poses) == 20


def test_poses_with_one_point_say_nothing_about_the_length() -> None:
    poses = np.full((2, 2, 2), np.nan)
    poses[:, 0] = 5
    assert np.isnan(body_length(poses))
    poses[0, 1] = [5, 15]
    assert body_length(poses) == 10


def test_poses_that_are_half_seen_do_not_shorten_the_body() -> None:
    poses = np.full((3, 5, 2), np.nan)
    poses[0, :, 0], poses[0, :, 1] = [0, 10, 20, 30, 40], 0
    poses[1:, :2] = [[0, 0], [10, 0]]
    assert body_length(poses) == 40


def test_each_mirrored_view_and_each_camera_has_its_own_body_length() -> None:
    points = np.zeros((2, 4, 2))
    points[:, 1, 0], points[:, 3, 1] = 10, 4
    points[1] *= 3
    lengths = body_lengths(points, ["left", "right"], ["top", "top", "side", "side"])
    np.testing.assert_allclose(lengths, [[10, 10, 4, 4], [30, 30, 12, 12]])
