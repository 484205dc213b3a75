"""Labels of the smoothed video are found among those of a project."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.smoothing.tables import Axis, TrackTable
from tailbase.smoothing.validation import recalibrate_table


def _table(frames: int = 40, first: int = 0) -> TrackTable:
    table = TrackTable(("nose", "tail"), Axis(first, frames, np.arange(frames) / 10))
    table.values[:] = 0.0
    table.values[:, -2:] = 1.0
    return table


def _labels(path: Path, rows: dict[str, tuple[float, float]], keypoint: str = "nose") -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["scorer", "me", "me"], ["bodyparts", keypoint, keypoint], ["coords", "x", "y"]])
        writer.writerows([image, *point] for image, point in rows.items())
    return path


def _images(folder: str, frames: range, error: float) -> dict[str, tuple[float, float]]:
    return {f"labeled-data/{folder}/img{frame:03d}.png": (error, -error) for frame in frames}


def test_only_frames_of_the_track_and_of_the_video_count(tmp_path: Path) -> None:
    rows = (
        _images("day1", range(0, 40), 5.0) | _images("day2", range(0, 40), 0.1) | _images("day1", range(90, 95), 99.0)
    )
    table = _table()
    found = recalibrate_table(table, _labels(tmp_path / "labels.csv", rows), "day1")
    assert found.labelled.tolist() == [80, 0]
    factor = float(found.scale[0])
    assert factor == pytest.approx((5 / 1.645) ** 2, rel=0.01)
    np.testing.assert_allclose(table.values[0, -2:], factor, rtol=1e-5)
    np.testing.assert_allclose(table.values[0, :-2], 0.0)


def test_frames_are_counted_from_the_first_of_the_track(tmp_path: Path) -> None:
    table = _table(first=100)
    table.values[0, :2, 20:] = 7.0
    found = recalibrate_table(table, _labels(tmp_path / "labels.csv", _images("day", range(100, 120), 0.0)))
    assert found.before[0] == 1.0


def test_labels_of_several_videos_need_a_choice(tmp_path: Path) -> None:
    rows = _images("day1", range(0, 3), 0.0) | _images("day2", range(0, 3), 0.0)
    with pytest.raises(PoseError, match="day1, day2"):
        recalibrate_table(_table(), _labels(tmp_path / "labels.csv", rows))


def test_labels_of_other_frames_or_keypoints_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match="None of the labelled images"):
        recalibrate_table(_table(), _labels(tmp_path / "a.csv", _images("day", range(50, 60), 0.0)))
    with pytest.raises(PoseError, match="both labelled and smoothed"):
        recalibrate_table(_table(), _labels(tmp_path / "b.csv", _images("day", range(0, 9), 0.0), "ear"))
