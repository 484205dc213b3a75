"""The figures of an evaluation."""

import json
from typing import Any

import numpy as np
import pytest

from tailbase.evaluation.reliability import reliability
from tailbase.evaluation.summary import summarize_evaluation

NAN = float("nan")


def test_images_of_the_training_do_not_count_as_tests(build: Any) -> None:
    sets = summarize_evaluation(build(np.array([[1.0], [3], [5], [7]]), ["train", "validation", "test", "unseen"]))[
        "sets"
    ]
    assert {name: block["figures"]["mean_px"] for name, block in sets.items()} == {
        "test": 6, "validation": 3, "train": 1, "all": 4,
    }  # fmt: skip


def test_sets_without_images_are_left_out(build: Any) -> None:
    assert list(summarize_evaluation(build(np.ones((2, 1)), ["train", "train"]))["sets"]) == ["train", "all"]


def test_errors_stand_in_pixels_and_percent_of_the_body(build: Any) -> None:
    summary = summarize_evaluation(build(np.array([[3.0, NAN], [4, 1]])))
    figures = summary["sets"]["test"]["keypoints"]["point 0"]
    assert (figures["mean_px"], figures["mean_percent"]) == (3.5, 7)
    assert figures["rmse_px"] == pytest.approx(np.sqrt(12.5))
    assert figures["quantiles_px"][2] == 3.5
    assert (figures["points"], figures["images"]) == (2, 2)
    assert summary["body_length_px"] == {"body": 50}


def test_in_and_out_of_domain_are_apart(build: Any) -> None:
    block = summarize_evaluation(build(np.array([[1.0], [2], [9]]), domain=["InD", "InD", "OOD"]))["sets"]["test"]
    assert {name: group["mean_px"] for name, group in block["domains"].items()} == {"InD": 1.5, "OOD": 9}


def test_errors_are_grouped_by_every_field_of_the_recordings(build: Any) -> None:
    evaluation = build(np.array([[1.0], [2], [9]]), recording=["r1", "r1", "r2"], rig=["A", "B", "B"])
    fields = summarize_evaluation(evaluation)["sets"]["test"]["fields"]
    assert set(fields) == {"recording", "rig"}
    assert fields["rig"]["B"]["mean_px"] == 5.5
    assert fields["recording"]["r1"]["images"] == 2


def test_the_worst_images_come_first_with_their_worst_point(build: Any) -> None:
    worst = summarize_evaluation(build(np.array([[1.0, 2], [8, 3], [NAN, NAN]])))["worst"]
    assert [(one["path"], one["keypoint"], one["error_px"]) for one in worst] == [
        ("img001.png", "point 0", pytest.approx(8)), ("img000.png", "point 1", pytest.approx(2)),
    ]  # fmt: skip


def test_a_summary_without_labels_is_json_too(build: Any) -> None:
    summary = summarize_evaluation(build(np.full((1, 2), NAN)))
    assert json.loads(json.dumps(summary, allow_nan=False))["points"] == 0


def test_reliability_is_the_share_of_close_points_by_likelihood() -> None:
    likelihood = np.array([0.05, 0.05, 0.95, 0.95, 1.0, 0.5])
    error = np.array([1.0, 50, 1, 1, 4, NAN])
    curve = reliability(likelihood, error, within=(2, 5))
    assert [(bin_["low"], bin_["points"], bin_["share"]) for bin_ in curve["bins"]] == [
        (0.0, 2, [0.5, 0.5]), (0.9, 3, [pytest.approx(2 / 3), 1.0]),
    ]  # fmt: skip
