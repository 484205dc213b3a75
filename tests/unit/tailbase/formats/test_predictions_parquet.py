from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailbase.errors import PoseError
from tailbase.formats.predictions_parquet import (
    BlockWriter,
    PredictionsWriter,
    frame_range,
    iterate_predictions,
    join_segments,
    read_predictions,
    write_block,
    write_predictions,
)
from tailbase.schema import Predictions


@pytest.fixture
def predictions(skeleton):
    rng = np.random.default_rng(0)
    points = rng.normal(100, 50, (1000, 2, 2, 2)).astype(np.float32)
    points[3, 1] = np.nan
    likelihood = rng.random((1000, 2, 2)).astype(np.float32)
    return Predictions(skeleton, ("a", "b"), points, likelihood, np.arange(1000) / 30, {"model": "m1"})


def same(one, other):
    assert (one.skeleton, one.individuals, one.provenance) == (other.skeleton, other.individuals, other.provenance)
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.likelihood, other.likelihood)
    np.testing.assert_array_equal(one.times, other.times)


def test_predictions_come_back_bit_for_bit(predictions, tmp_path):
    write_predictions(predictions, tmp_path / "p.parquet")
    same(read_predictions(tmp_path / "p.parquet"), predictions)


def test_columns_are_those_of_the_contract(predictions, tmp_path):
    write_predictions(predictions, tmp_path / "p.parquet")
    schema = pq.read_schema(tmp_path / "p.parquet")
    assert schema.names[:6] == ["frame", "time_s", "a/nose/x", "a/nose/y", "a/nose/likelihood", "a/tail/x"]
    assert [schema.field(i).type for i in range(3)] == [pa.int32(), pa.float64(), pa.float32()]


def test_writing_by_small_batches_gives_the_same_file_content(predictions, tmp_path):
    with PredictionsWriter(tmp_path / "p.parquet", predictions.skeleton, ("a", "b"), {"model": "m1"}) as writer:
        for start in range(0, 1000, 16):
            part = slice(start, start + 16)
            writer.write(predictions.points[part], predictions.likelihood[part], predictions.times[part])
    same(read_predictions(tmp_path / "p.parquet"), predictions)


def test_an_error_while_writing_leaves_no_file(predictions, tmp_path):
    with pytest.raises(RuntimeError), PredictionsWriter(tmp_path / "p.parquet", predictions.skeleton, ("a", "b")):
        raise RuntimeError
    with pytest.raises(RuntimeError), BlockWriter(tmp_path / "p.f32"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_the_block_is_little_endian_float32_in_c_order(predictions, tmp_path):
    write_block(predictions, tmp_path / "p.f32")
    block = np.fromfile(tmp_path / "p.f32", dtype="<f4").reshape(1000, 2, 2, 3)
    np.testing.assert_array_equal(block[..., :2], predictions.points)
    np.testing.assert_array_equal(block[..., 2], predictions.likelihood)


def test_joined_segments_equal_the_unsplit_file(predictions, tmp_path):
    cuts = [0, 300, 301, 1000]
    for number, (start, stop) in enumerate(pairwise(cuts)):
        with PredictionsWriter(tmp_path / f"{number}.parquet", predictions.skeleton, ("a", "b"), {"model": "m1"},
                               first_frame=start) as writer:  # fmt: skip
            part = slice(start, stop)
            writer.write(predictions.points[part], predictions.likelihood[part], predictions.times[part])
    frames = join_segments(
        [tmp_path / f"{n}.parquet" for n in range(3)], tmp_path / "all.parquet", tmp_path / "all.f32"
    )
    assert frames == 1000
    same(read_predictions(tmp_path / "all.parquet"), predictions)
    write_block(predictions, tmp_path / "unsplit.f32")
    assert (tmp_path / "all.f32").read_bytes() == (tmp_path / "unsplit.f32").read_bytes()


def test_segments_with_a_gap_are_refused(predictions, tmp_path):
    write_predictions(predictions, tmp_path / "0.parquet")
    write_predictions(predictions, tmp_path / "1.parquet", first_frame=1001)
    with pytest.raises(PoseError) as caught:
        join_segments([tmp_path / "0.parquet", tmp_path / "1.parquet"], tmp_path / "all.parquet")
    assert caught.value.code == "predictions.segments"
    assert not (tmp_path / "all.parquet").exists()


def test_iterating_gives_bounded_pieces_in_order(predictions, tmp_path):
    write_predictions(predictions, tmp_path / "p.parquet", first_frame=7)
    pieces = list(iterate_predictions(tmp_path / "p.parquet", rows=128))
    assert max(len(p.times) for p in pieces) <= 128
    np.testing.assert_array_equal(np.concatenate([p.points for p in pieces]), predictions.points)
    assert frame_range(tmp_path / "p.parquet") == (7, 1007)


def test_missing_columns_are_refused(predictions, tmp_path):
    path = tmp_path / "p.parquet"
    write_predictions(predictions, path)
    pq.write_table(pq.read_table(path).drop_columns(["a/nose/x"]), path)
    with pytest.raises(PoseError) as caught:
        read_predictions(path)
    assert caught.value.code == "predictions.damaged"
