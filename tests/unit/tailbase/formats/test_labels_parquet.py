from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailbase.errors import PoseError
from tailbase.formats.labels_parquet import read_labels, write_labels
from tailbase.schema import ImageRef


def test_labels_come_back_as_they_were(labels, tmp_path):
    write_labels(labels, tmp_path / "labels.parquet")
    back = read_labels(tmp_path / "labels.parquet")
    assert back.images == labels.images
    assert (back.skeleton, back.individuals, back.scorer) == (labels.skeleton, labels.individuals, "Ann")
    np.testing.assert_array_equal(back.points, labels.points)
    np.testing.assert_array_equal(back.states, labels.states)


def test_rows_are_those_of_the_contract(labels, tmp_path):
    write_labels(labels, tmp_path / "labels.parquet")
    rows = pq.read_table(tmp_path / "labels.parquet").to_pylist()
    assert len(rows) == 5
    assert rows[0] == {
        "image": "s1/img0003.png", "video": "s1", "frame_index": 3, "recording": "s1", "view": None,
        "crop": None, "individual": "a", "keypoint": "nose", "x": 1.5, "y": 2.25, "state": "visible",
    }  # fmt: skip
    assert (rows[3]["state"], rows[3]["x"]) == ("absent", None)
    assert (rows[4]["image"], rows[4]["keypoint"]) == ("s2/img0000.png", None)


def test_no_images_at_all_come_back_as_none(labels, tmp_path):
    none = replace(labels, images=(), points=labels.points[:0], states=labels.states[:0])
    write_labels(none, tmp_path / "labels.parquet")
    assert read_labels(tmp_path / "labels.parquet").images == ()


def test_one_image_twice_is_refused_and_nothing_is_left(labels, tmp_path):
    twice = replace(labels, images=(ImageRef(path="a.png"), ImageRef(path="a.png"), ImageRef(path="b.png")))
    with pytest.raises(PoseError) as caught:
        write_labels(twice, tmp_path / "labels.parquet")
    assert caught.value.code == "labels.duplicate_rows"
    assert list(tmp_path.iterdir()) == []


def test_one_point_twice_is_refused(labels, tmp_path):
    path = tmp_path / "labels.parquet"
    write_labels(labels, path)
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), path)
    with pytest.raises(PoseError) as caught:
        read_labels(path)
    assert caught.value.code == "labels.duplicate_rows"


def test_an_unknown_keypoint_is_named(labels, tmp_path):
    path = tmp_path / "labels.parquet"
    write_labels(labels, path)
    table = pq.read_table(path)
    wrong = table.set_column(table.column_names.index("keypoint"), "keypoint", pa.array(["wing"] * 4 + [None]))
    pq.write_table(wrong, path)
    with pytest.raises(PoseError, match="wing") as caught:
        read_labels(path)
    assert caught.value.code == "labels.damaged"


@pytest.mark.parametrize("content", [b"", b"PAR1", b"x" * 1000])
def test_what_is_no_parquet_is_refused(content, tmp_path):
    (tmp_path / "labels.parquet").write_bytes(content)
    with pytest.raises(PoseError) as caught:
        read_labels(tmp_path / "labels.parquet")
    assert caught.value.code == "parquet.unreadable"


def test_parquet_of_another_program_is_refused(tmp_path):
    pq.write_table(pa.table({"image": ["a"]}), tmp_path / "labels.parquet")
    with pytest.raises(PoseError) as caught:
        read_labels(tmp_path / "labels.parquet")
    assert caught.value.code == "parquet.not_ours"


def test_labels_written_before_videos_had_crops_are_read(labels, tmp_path):
    path = tmp_path / "labels.parquet"
    write_labels(labels, path)
    pq.write_table(pq.read_table(path).drop_columns("crop"), path)
    assert [ref.crop for ref in read_labels(path).images] == [None] * len(labels.images)
