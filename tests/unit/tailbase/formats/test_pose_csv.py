import time

import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats import csv_rows
from tailbase.formats.pose_csv import read_pose_csv
from tailbase.formats.pose_table import table_labels, table_predictions
from tailbase.schema import PointState

HEADER = "scorer,Ann,Ann,Ann,Ann\nbodyparts,nose,nose,tail,tail\ncoords,x,y,x,y\n"
GOOD = HEADER + "labeled-data/s/img1.png,1,2,3.5,4\n"


@pytest.fixture
def read(tmp_path):
    def _read(content):
        path = tmp_path / "CollectedData.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_pose_csv(path)

    return _read


def labels_of(table):
    return table_labels(table, table.scorers[0])


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("", "labels.bad_header", "ends"),
        ("scorer,A,A\n", "labels.bad_header", "ends"),
        ("a,b,c\n1,2,3\n", "labels.bad_header", "line 1"),
        ("scorer,A,A\nparts,n,n\ncoords,x,y\n", "labels.bad_header", "line 2"),
        ("scorer;A;A\nbodyparts;n;n\ncoords;x;y\n", "labels.bad_header", "commas"),
        ("scorer,A,A\nbodyparts,n,n\ncoords,x,z\n", "labels.bad_header", "line 3, column 3"),
        ("scorer,A,A\nbodyparts,n,n\ncoords,x,x\n", "labels.bad_header", "2 columns"),
        ("scorer,A,A\nbodyparts,n,m\ncoords,x,y\n", "labels.bad_header", "lacks"),
        ("scorer,A,A\nbodyparts,n,\ncoords,x,y\n", "labels.bad_header", "no name"),
        ("scorer,A,A\nbodyparts,n\u202e,n\u202e\ncoords,x,y\n", "labels.bad_header", "cannot be used"),
        (HEADER + "a.png,1,2,3,four\n", "labels.not_a_number", "line 4, tail y"),
        (HEADER + "a.png,1,2,3,4\nb.png,0x10,2,3,4\n", "labels.not_a_number", "line 5, nose x"),
        (HEADER + "a.png,1_000,2,3,4\n", "labels.not_a_number", "1_000"),
        (HEADER + "a.png,1-2,2,3,4\n", "labels.not_a_number", "1-2"),
        (HEADER + "a.png,inf,2,3,4\n", "labels.not_finite", "line 4"),
        (HEADER + "a.png,-Infinity,2,3,4\n", "labels.not_finite", "line 4"),
        (HEADER + "a.png,1e309,2,3,4\n", "labels.not_finite", "line 4"),
        (HEADER + "a.png,1,2,3,4,5\n", "labels.bad_row", "line 4"),
        (HEADER + ",1,2,3,4\n", "labels.bad_row", "line 4"),
        (HEADER + 'a.png,1,"2,3,4\n', "labels.bad_csv", "line"),
        (HEADER.encode() + b"a.png,1,2,3,4\x00\n", "labels.bad_encoding", "line 4"),
        (HEADER.encode() + b"\xe4.png,1,2,3,4\n", "labels.bad_encoding", "line 4"),
        (GOOD.encode("utf-16"), "labels.bad_encoding", "UTF-16"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "labels.bad_encoding", "not"),
    ],
)
def test_bad_files_are_refused_with_code_and_place(read, content, code, words):
    with pytest.raises(PoseError) as caught:
        read(content)
    assert (caught.value.code, words in caught.value.message) == (code, True), caught.value.message


@pytest.mark.parametrize(
    "second", ["labeled-data/s/img1.png", "labeled-data\\s\\img1.png", "C:\\x\\labeled-data\\s\\img1.png"]
)
def test_one_image_in_two_rows_is_refused_with_both_lines(read, second):
    with pytest.raises(PoseError, match=r"line 5.*line 4") as caught:
        labels_of(read(f"{GOOD}{second},1,2,3,4\n"))
    assert caught.value.code == "labels.duplicate_rows"


@pytest.mark.parametrize(
    "content", [GOOD, GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, GOOD.rstrip("\n"), GOOD + "\n\n", GOOD + ",,,,\n"]
)
def test_line_ends_byte_order_marks_and_blank_lines_do_not_matter(read, content):
    labels = labels_of(read(content))
    assert labels.images[0].path == "labeled-data/s/img1.png"
    np.testing.assert_array_equal(labels.points[0, 0], [[1, 2], [3.5, 4]])


@pytest.mark.parametrize("empty", ["", "nan", "NaN", " "])
def test_empty_and_nan_cells_are_points_that_are_not_labelled(read, empty):
    labels = labels_of(read(f"{HEADER}a.png,{empty},{empty},3,4\n"))
    assert labels.states[0, 0].tolist() == [PointState.UNLABELED, PointState.VISIBLE]


def test_half_a_point_is_dropped_with_a_warning(read):
    table = read(HEADER + "a.png,1,,3,4\n")
    assert labels_of(table).states[0, 0].tolist() == [PointState.UNLABELED, PointState.VISIBLE]
    assert table.warnings[0]["code"] == "labels.half_point"
    assert "line 4" in table.warnings[0]["detail"]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("labeled-data/s/img1.png", "labeled-data/s/img1.png"),
        ("labeled-data\\s\\img1.png", "labeled-data/s/img1.png"),
        ("D:\\data\\proj\\labeled-data\\s 1\\img1.png", "labeled-data/s 1/img1.png"),
        ("/home/me/proj/labeled-data/img1.png", "labeled-data/img1.png"),
        ("/home/me/proj/frames/s/img1.png", "frames/s/img1.png"),
        ("../../etc/labeled-data/s/img1.png", "labeled-data/s/img1.png"),
        ("./img1.png", "img1.png"),
        ("a/b/c/d/img1.png", "a/b/c/d/img1.png"),
    ],
)
def test_image_paths_are_made_relative_to_the_project(read, written, path):
    assert labels_of(read(f"{HEADER}{written},1,2,3,4\n")).images[0].path == path


@pytest.mark.parametrize("written", ["..", "/", "a/../..", "C:\\"])
def test_paths_that_lead_nowhere_are_refused(read, written):
    with pytest.raises(PoseError) as caught:
        labels_of(read(f"{HEADER}{written},1,2,3,4\n"))
    assert caught.value.code == "labels.bad_path"


def test_points_are_placed_by_name_whatever_the_order_of_columns(read):
    content = "scorer,A,A,A,A\nbodyparts,tail,nose,nose,tail\ncoords,y,x,y,x\na.png,1,2,3,4\n"
    labels = labels_of(read(content))
    assert labels.skeleton.names == ("tail", "nose")
    np.testing.assert_array_equal(labels.points[0, 0], [[4, 1], [2, 3]])


def test_the_visible_column_gives_states(read):
    header = "scorer" + ",A" * 6 + "\nbodyparts" + ",n" * 3 + ",t" * 3 + "\ncoords" + ",x,y,visible" * 2 + "\n"
    labels = labels_of(read(header + "a.png,1,2,2,3,4,1\nb.png,0,0,0,,,\nc.png,,,1,5,6,\n"))
    assert labels.states[:, 0].tolist() == [[1, 2], [0, 0], [3, 1]]
    assert np.isnan(labels.points[1]).all()


def test_an_odd_visibility_is_refused_with_its_line(read):
    with pytest.raises(PoseError, match="line 5") as caught:
        labels_of(read("scorer,A,A,A\nbodyparts,n,n,n\ncoords,x,y,visible\na.png,1,2,2\nb.png,1,2,7\n"))
    assert caught.value.code == "labels.bad_visibility"


def test_each_scorer_of_a_file_has_labels_of_his_own(read):
    table = read("scorer,A,A,B,B\nbodyparts,n,n,n,n\ncoords,x,y,x,y\na.png,1,2,3,4\n")
    assert table.scorers == ("A", "B")
    assert table_labels(table, "A").points[0, 0, 0].tolist() == [1, 2]
    assert table_labels(table, "B").points[0, 0, 0].tolist() == [3, 4]


def test_three_columns_of_path_and_unique_parts_are_understood(read):
    content = (
        "scorer,,,S,S,S,S,S,S\nindividuals,,,m1,m1,m2,m2,single,single\nbodyparts,,,n,n,n,n,box,box\n"
        "coords,,,x,y,x,y,x,y\nlabeled-data,s,i.png,1,2,3,4,5,6\n"
    )
    labels = labels_of(read(content))
    assert labels.images[0].path == "labeled-data/s/i.png"
    assert labels.individuals == ("m1", "m2", "single")
    assert labels.states[0].tolist() == [[1, 0], [1, 0], [0, 1]]


def test_predictions_are_read_by_frame_number_and_gaps_are_empty(read):
    content = "scorer,N,N,N\nbodyparts,n,n,n\ncoords,x,y,likelihood\n2,5,6,0.5\n0,1,2,0.9\n"
    predictions = table_predictions(read(content), 10.0)
    assert predictions.likelihood[:, 0, 0].tolist() == pytest.approx([0.9, 0, 0.5])
    assert predictions.points[2, 0, 0].tolist() == [5, 6]
    assert np.isnan(predictions.points[1]).all()
    assert predictions.times.tolist() == pytest.approx([0, 0.1, 0.2])


def test_one_frame_twice_is_refused(read):
    with pytest.raises(PoseError, match="line 5") as caught:
        table_predictions(read("scorer,N,N\nbodyparts,n,n\ncoords,x,y\n0,1,2\n0,1,2\n"))
    assert caught.value.code == "labels.duplicate_rows"


def test_a_frame_number_far_away_does_not_fill_the_memory(read):
    with pytest.raises(PoseError) as caught:
        table_predictions(read("scorer,N,N\nbodyparts,n,n\ncoords,x,y\n0,1,2\n999999999999,1,2\n"))
    assert caught.value.code == "predictions.no_frames"


def test_the_column_of_sets_of_lightning_pose_is_passed_over(read):
    table = read("scorer,N,N,N,set\nbodyparts,n,n,n,\ncoords,x,y,likelihood,\na.png,1,2,0.5,train\n")
    assert len(table.columns) == 3


def test_a_formula_guard_in_front_of_a_name_is_taken_away(read):
    table = read("scorer,A,A\nbodyparts,'=nose,'=nose\ncoords,x,y\n'-img.png,-1,2\n")
    assert table.keypoints == ("=nose",)
    assert (table.rows[0], table.values[0, 0]) == ("-img.png", -1)


@pytest.mark.parametrize(
    "content",
    [
        HEADER.encode() + b"1" * (csv_rows.MAX_LINE_BYTES * 3),
        b"scorer" + b",A" * 1_000_000 + b"\n",
        HEADER.encode() + b'"' + b"a\n" * 3_000_000,
    ],
    ids=["long line", "a million columns", "a cell without end"],
)
def test_huge_lines_and_rows_are_refused_quickly(read, content):
    start = time.monotonic()
    with pytest.raises(PoseError) as caught:
        read(content)
    assert caught.value.code in ("labels.too_large", "labels.bad_csv")
    assert time.monotonic() - start < 5
