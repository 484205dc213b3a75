"""Several models: error against their spread, and one way of training over several splits."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tailbase.errors import PoseError
from tailbase.evaluation.spread import ensemble_spread, error_against_spread
from tailbase.evaluation.trainings import interval, over_trainings


def test_the_spread_is_the_root_of_both_variances() -> None:
    points = np.array([[[0.0, 0]], [[2, 0]], [[4, 3]]])
    assert ensemble_spread(points)[0] == pytest.approx(np.sqrt(4 + 3))


def test_where_models_disagree_the_error_is_higher_and_dropping_those_points_helps(build: Any) -> None:
    far = np.linspace(0, 20, 40)[:, None]
    result = error_against_spread({"a": build(far), "b": build(-far)})
    assert result["points"] == 40
    assert result["correlation"] == pytest.approx(1)
    assert result["mean_px"]["a"] == pytest.approx(10)
    assert result["mean_px"]["median of all"] == pytest.approx(0, abs=1e-9)
    hardest = [step["mean_px"]["a"] for step in result["hardest"]]
    kept = [step["mean_px"]["a"] for step in result["kept"]]
    assert hardest == sorted(hardest)
    assert kept == sorted(kept)
    assert kept[-1] == pytest.approx(10)


def test_images_that_taught_one_of_the_models_are_left_out(build: Any) -> None:
    errors = np.array([[1.0], [2], [3]])
    result = error_against_spread(
        {"a": build(errors, ["train", "test", "test"]), "b": build(errors, ["test", "train", "test"])}
    )
    assert (result["points"], result["mean_px"]["a"]) == (1, pytest.approx(3))


def test_one_model_has_no_spread(build: Any) -> None:
    with pytest.raises(PoseError, match="at least two"):
        error_against_spread({"a": build(np.ones((1, 1)))})


def test_the_interval_is_students() -> None:
    values = [3.0, 4, 5, 7, 4]
    low, high = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    found = interval(values)
    assert found["low"] == pytest.approx(low, abs=1e-3)
    assert found["high"] == pytest.approx(high, abs=1e-3)


def test_a_training_is_told_by_the_mean_over_its_splits(build: Any) -> None:
    splits = {}
    for fold in range(5):
        parts = ["test" if row // 2 == fold else "train" for row in range(10)]
        splits[f"split {fold}"] = build(
            np.full((10, 2), fold + 1.0), parts, recording=[f"r{row // 2}" for row in range(10)]
        )
    result = over_trainings(splits)
    assert (result["enough"], result["grouped"], result["distinct"]) == (True, True, True)
    assert result["mean_px"]["mean"] == pytest.approx(3)
    assert result["keypoints"]["point 1"]["values"] == pytest.approx([1, 2, 3, 4, 5])
    assert result["per_domain"]["OOD"]["mean"] is None


def test_a_recording_in_training_and_test_is_told(build: Any) -> None:
    one = build(np.ones((2, 1)), ["train", "test"], recording=["r", "r"])
    assert over_trainings({"a": one})["grouped"] is False


def test_a_training_that_kept_nothing_back_is_refused(build: Any) -> None:
    with pytest.raises(PoseError) as refusal:
        over_trainings({"a": build(np.ones((1, 1)), ["train"])})
    assert refusal.value.code == "evaluate.no_test_images"
