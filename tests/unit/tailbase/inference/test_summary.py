"""Figures gathered frame by frame."""

import numpy as np
import pytest

from tailbase.inference.summary import Summary


def _poses(x: list[float]) -> np.ndarray:
    return np.stack([np.array(x), np.zeros(len(x))], axis=-1)[:, None, None].astype(np.float32)


def test_likelihoods_are_averaged_per_keypoint() -> None:
    summary = Summary(["nose"], 300, 400)
    summary.add(_poses([0, 0]), np.array([[[0.5]], [[0.9]]], np.float32))
    summary.add(_poses([0, 0]), np.array([[[0.7]], [[0.1]]], np.float32))
    nose = summary.result()["per_keypoint"]["nose"]
    assert nose["mean_likelihood"] == pytest.approx(0.55)
    assert nose["share_above_06"] == 0.5


def test_a_jump_across_two_batches_is_counted() -> None:
    summary = Summary(["nose"], 300, 400)
    summary.add(_poses([0, 1]), np.ones((2, 1, 1), np.float32))
    summary.add(_poses([100, 101]), np.ones((2, 1, 1), np.float32))
    assert summary.result()["jumps_per_1000"] == pytest.approx(1000 / 3)


def test_a_step_to_an_unlikely_point_is_no_jump() -> None:
    summary = Summary(["nose"], 300, 400)
    summary.add(_poses([0, 100, 200]), np.array([[[1]], [[0.2]], [[1]]], np.float32))
    assert summary.result()["jumps_per_1000"] == 0
