"""Measures of predicted videos."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from tailbase.evaluation.tracks import fit_subspaces, measure_track
from tailbase.formats.predictions_parquet import write_predictions
from tailbase.schema import ImageRef, Keypoint, Labels, PointState, Predictions, Skeleton

SKELETON = Skeleton(
    keypoints=tuple(
        Keypoint(name=f"{part} {view}", part=part, view=view)
        for view in ("top", "side")
        for part in ("nose", "tail", "paw")
    ),
    views=("top", "side"),
)


def _poses(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Three parts in two views of a world whose points have three coordinates, the two views seeing two each."""
    world = np.random.default_rng(seed).normal(0, 20, (count, 3, 3))
    return 100 + np.concatenate([world[..., [0, 1]], world[..., [0, 2]]], axis=1)


def _labels(points: NDArray[np.float64]) -> Labels:
    images = tuple(ImageRef(path=f"{row}.png") for row in range(len(points)))
    states = np.full((len(points), 1, len(SKELETON.names)), PointState.VISIBLE, np.int8)
    return Labels(SKELETON, ("animal",), images, points[:, None], states)


def _predictions(points: NDArray[np.float64], path: Path) -> Path:
    found = points[:, None].astype(np.float32)
    times = np.arange(len(points)) / 10
    write_predictions(Predictions(SKELETON, ("animal",), found, np.ones(found.shape[:3], np.float32), times), path)
    return path


def test_the_temporal_norm_is_the_length_of_each_step(tmp_path: Path) -> None:
    points = np.zeros((3, 6, 2))
    points[1:, 0] = [3, 4]
    summary = measure_track(_predictions(points, tmp_path / "a.parquet"), {}, tmp_path)
    table = pq.read_table(tmp_path / "a.metrics.parquet")
    assert table["animal/nose top/temporal_norm"].to_pylist() == [None, 5, 0]
    assert table["time_s"].to_pylist() == [0, 0.1, 0.2]
    measure = summary["measures"]["temporal_norm"]
    assert measure["keypoints"]["nose top"] == 2.5
    assert measure["worst"][0] == {"frame": 1, "error_px": 5, "keypoint": "nose top"}
    assert measure["trace"]["highest_px"] == [None, 5, 0]
    assert json.loads((tmp_path / "a.metrics.json").read_text()) == summary


def test_a_step_is_measured_across_the_border_of_row_groups(tmp_path: Path) -> None:
    points = np.zeros((5000, 6, 2))
    points[:, :, 0] = np.arange(5000)[:, None]
    measure = measure_track(_predictions(points, tmp_path / "a.parquet"), {}, tmp_path)["measures"]["temporal_norm"]
    assert (measure["mean_px"], measure["p99_px"]) == (1, 1)
    assert len(measure["trace"]["frame"]) == 1000


def test_a_view_that_disagrees_has_a_multiview_error_in_pixels(tmp_path: Path) -> None:
    subspaces, missing = fit_subspaces(_labels(_poses(200)), SKELETON)
    assert missing == {}
    points = _poses(40, seed=1)
    points[20, 3, 0] += 30
    summary = measure_track(_predictions(points, tmp_path / "a.parquet"), subspaces, tmp_path)
    worst = summary["measures"]["multiview_pca"]["worst"][0]
    assert worst["frame"] == 20
    assert worst["keypoint"] in ("nose top", "nose side")
    assert worst["error_px"] == pytest.approx(15, abs=1)
    assert summary["measures"]["multiview_pca"]["median_px"] < 0.01


def test_labels_that_are_too_few_leave_a_reason_instead_of_a_measure() -> None:
    subspaces, missing = fit_subspaces(_labels(_poses(1)), SKELETON)
    assert "pose_pca" not in subspaces
    assert "labelled" in missing["pose_pca"]


def test_a_skeleton_without_mirrored_views_has_no_multiview_measure() -> None:
    plain = Skeleton(keypoints=tuple(Keypoint(name=name) for name in SKELETON.names))
    subspaces, missing = fit_subspaces(_labels(_poses(200)), plain)
    assert list(subspaces) == ["pose_pca"]
    assert list(missing) == ["multiview_pca"]


def test_the_worst_frames_lie_apart(tmp_path: Path) -> None:
    points = np.zeros((100, 6, 2))
    points[40:45] = np.arange(5)[:, None, None] * 50
    measure = measure_track(_predictions(points, tmp_path / "a.parquet"), {}, tmp_path)["measures"]["temporal_norm"]
    frames = sorted(one["frame"] for one in measure["worst"])
    assert min(np.diff(frames)) >= 15
