"""Evaluations as files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tailbase.errors import PoseError
from tailbase.evaluation.results import known_images, read_evaluation, write_evaluation

NAN = float("nan")


def test_an_evaluation_is_read_as_it_was_written(build: Any, tmp_path: Path) -> None:
    written = build(np.array([[1, NAN], [3, 4]]), parts=["train", "test"], recording=["a", "b"], rig=["A", "B"])
    write_evaluation(written, tmp_path / "errors.parquet")
    again = read_evaluation(tmp_path / "errors.parquet")
    assert (again.images, again.skeleton) == (written.images, written.skeleton)
    np.testing.assert_array_equal(again.errors_px, written.errors_px)
    np.testing.assert_array_equal(again.errors_percent, written.errors_percent)


def test_the_table_has_a_row_a_labelled_point_with_the_worst_first(build: Any, tmp_path: Path) -> None:
    write_evaluation(build(np.array([[1, NAN], [3, 4]]), rig=["A", "B"]), tmp_path / "errors.parquet")
    rows = pq.read_table(tmp_path / "errors.parquet").to_pylist()
    assert [(row["path"], row["keypoint"]) for row in rows] == [
        ("img001.png", "point 1"), ("img001.png", "point 0"), ("img000.png", "point 0"),
    ]  # fmt: skip
    assert rows[0]["error_px"] == pytest.approx(4)
    assert rows[0]["error_percent"] == pytest.approx(8)
    assert rows[0]["field/rig"] == "B"


def test_another_parquet_file_is_refused(build: Any, tmp_path: Path) -> None:
    write_evaluation(build(np.ones((1, 1))), tmp_path / "errors.parquet")
    table = pq.read_table(tmp_path / "errors.parquet")
    pq.write_table(table.drop_columns(["x"]), tmp_path / "other.parquet")
    with pytest.raises(PoseError, match="not a table of errors"):
        read_evaluation(tmp_path / "other.parquet")


def test_what_is_known_of_images_is_text(tmp_path: Path) -> None:
    (tmp_path / "images.json").write_text(json.dumps({"a.png": {"id": 7, "fields": {"dose": 3}}, "b.png": {}}))
    known = known_images(tmp_path / "images.json")
    assert known == {"a.png": {"id": "7", "fields": {"dose": "3"}}, "b.png": {"id": None, "fields": {}}}


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": 3}'])
def test_a_file_of_images_of_another_shape_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "images.json").write_text(text)
    with pytest.raises(PoseError) as refusal:
        known_images(tmp_path / "images.json")
    assert refusal.value.code == "evaluate.bad_images"
