"""What is written and read again is the same, for labels and predictions that hypothesis thinks up."""

import csv
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tailbase.errors import PoseError
from tailbase.formats.cells import protect, unprotect
from tailbase.formats.deeplabcut_export import export_deeplabcut
from tailbase.formats.labels_parquet import read_labels, write_labels
from tailbase.formats.lightning_pose_export import export_lightning_pose
from tailbase.formats.pose_csv import read_pose_csv
from tailbase.formats.pose_csv_writer import write_prediction_csv, write_tidy_csv
from tailbase.formats.pose_table import table_predictions
from tailbase.formats.predictions_parquet import read_predictions, write_predictions
from tailbase.formats.project import open_project
from tailbase.schema import SINGLE, ImageRef, Keypoint, Labels, PointState, Predictions, Skeleton

few = settings(max_examples=25, deadline=None)
names = st.one_of(
    st.sampled_from(
        ["nose", "=1+2", "+tail", "-x", "@me", "'=a", "''", 'say "hi"', "a,b", "Maus größe", "nan", "single"]
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="/\\\x7f"), min_size=1, max_size=8),
).filter(lambda name: name.strip() == name and not name.isspace() and name != SINGLE)
numbers = st.floats(-1e6, 1e6, allow_nan=False)


def unique(elements, low, high):
    return st.lists(elements, min_size=low, max_size=high, unique=True)


@st.composite
def some_labels(draw, animals=None, folders=("s1", "s 2"), states=(0, 1)):
    keypoints = draw(unique(names, 1, 4))
    individuals = draw(unique(names, *animals)) if animals else [SINGLE]
    files = draw(unique(st.tuples(st.sampled_from(folders), st.integers(0, 99)), 1, 5))
    shape = (len(files), len(individuals), len(keypoints))
    state = draw(hnp.arrays(np.int8, shape, elements=st.sampled_from(states)))
    points = draw(hnp.arrays(np.float64, (*shape, 2), elements=numbers))
    points[(state == PointState.UNLABELED) | (state == PointState.ABSENT)] = np.nan
    images = sorted(f"labeled-data/{folder}/img{number}.png" for folder, number in files)
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=n) for n in keypoints))
    return Labels(skeleton, tuple(individuals), tuple(ImageRef(path=p) for p in images), points, state, "Ann")


@st.composite
def some_predictions(draw, animals=None):
    keypoints = draw(unique(names, 1, 3))
    individuals = draw(unique(names, *animals)) if animals else [SINGLE]
    shape = (draw(st.integers(1, 6)), len(individuals), len(keypoints))
    single = st.floats(-1e6, 1e6, width=32)
    points = draw(hnp.arrays(np.float32, (*shape, 2), elements=single))
    points[draw(hnp.arrays(np.bool_, shape))] = np.nan
    likelihood = draw(hnp.arrays(np.float32, shape, elements=st.floats(0, 1, width=32)))
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=n) for n in keypoints))
    return Predictions(skeleton, tuple(individuals), points, likelihood, np.arange(shape[0]) / 29.97)


def silent(stage, done, total):
    assert done <= total


def same_labels(one, other):
    assert [r.path for r in one.images] == [r.path for r in other.images]
    assert (one.skeleton.names, one.individuals, one.scorer) == (other.skeleton.names, other.individuals, other.scorer)
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.states, other.states)


@given(st.text(max_size=10))
def test_guarding_a_cell_against_formulas_can_be_undone(text):
    assert unprotect(protect(text)) == text


@few
@given(some_labels(states=(0, 1, 2, 3)))
def test_labels_round_trip_through_lightning_pose(labels):
    with tempfile.TemporaryDirectory() as folder:
        export_lightning_pose(labels, {}, Path(folder), silent)
        same_labels(open_project(Path(folder)).labels, labels)


@few
@given(some_labels())
def test_labels_round_trip_through_deeplabcut(labels):
    with tempfile.TemporaryDirectory() as folder:
        export_deeplabcut(labels, {}, Path(folder), silent)
        same_labels(open_project(Path(folder)).labels, labels)


@few
@given(some_labels(animals=(2, 3)))
def test_labels_of_several_animals_round_trip_through_deeplabcut(labels):
    with tempfile.TemporaryDirectory() as folder:
        export_deeplabcut(labels, {}, Path(folder), silent)
        back = open_project(Path(folder)).labels
    # Unique parts stand behind the others in that format, so the order of keypoints may change.
    assert (set(back.skeleton.names), back.individuals) == (set(labels.skeleton.names), labels.individuals)
    assert [r.path for r in back.images] == [r.path for r in labels.images]
    order = [back.skeleton.names.index(name) for name in labels.skeleton.names]
    np.testing.assert_array_equal(back.points[:, :, order], labels.points)
    np.testing.assert_array_equal(back.states[:, :, order], labels.states)


@few
@given(some_labels(animals=(1, 3), states=(0, 1, 2, 3)))
def test_labels_round_trip_through_parquet(labels):
    with tempfile.TemporaryDirectory() as folder:
        write_labels(labels, Path(folder, "labels.parquet"))
        same_labels(read_labels(Path(folder, "labels.parquet")), labels)


@few
@given(some_predictions())
def test_predictions_round_trip_through_csv(predictions):
    with tempfile.TemporaryDirectory() as folder:
        write_prediction_csv([predictions], Path(folder, "p.csv"), "net")
        back = table_predictions(read_pose_csv(Path(folder, "p.csv")), 29.97)
    same_predictions(back, predictions)


@few
@given(some_predictions(animals=(1, 3)))
def test_predictions_of_several_animals_round_trip_through_csv_and_parquet(predictions):
    with tempfile.TemporaryDirectory() as folder:
        write_prediction_csv([predictions], Path(folder, "p.csv"), "net")
        same_predictions(table_predictions(read_pose_csv(Path(folder, "p.csv")), 29.97), predictions)
        write_predictions(predictions, Path(folder, "p.parquet"))
        same_predictions(read_predictions(Path(folder, "p.parquet")), predictions)


def same_predictions(one, other):
    assert (one.skeleton.names, one.individuals) == (other.skeleton.names, other.individuals)
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.likelihood, other.likelihood)
    np.testing.assert_allclose(one.times, other.times)


@few
@given(some_predictions(animals=(1, 2)))
def test_the_csv_with_times_holds_every_number_exactly(predictions):
    with tempfile.TemporaryDirectory() as folder:
        write_tidy_csv([predictions, predictions], Path(folder, "p.csv"), first_frame=5)
        with Path(folder, "p.csv").open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
    assert [int(row[0]) for row in rows] == list(range(5, 5 + 2 * len(predictions.times)))
    assert [float(row[1]) for row in rows[: len(predictions.times)]] == predictions.times.tolist()
    first = f"{predictions.individuals[0]}/{predictions.skeleton.names[0]}/x"
    assert (header[:2], unprotect(header[2])) == (["frame", "time_s"], first)
    values = np.array([[np.float32(cell or "nan") for cell in row[2:]] for row in rows[: len(predictions.times)]])
    np.testing.assert_array_equal(values.reshape(*predictions.likelihood.shape, 3)[..., :2], predictions.points)


def test_unique_parts_stay_with_the_individual_single(datasets, tmp_path):
    labels = open_project(datasets / "sleap-centered-pair/dlc").labels
    export_deeplabcut(labels, {}, tmp_path, silent)
    same_labels(open_project(tmp_path).labels, labels)
    written = (tmp_path / "labeled-data/video/CollectedData_Scorer.csv").read_text().splitlines()
    assert len(written[0].split(",")) == 3 + 2 * 3 * 2 + 2 * 2


def test_no_cell_of_text_begins_like_a_formula(tmp_path):
    skeleton = Skeleton(keypoints=(Keypoint(name="=cmd()"), Keypoint(name="@x")))
    points = np.full((1, 1, 2, 2), -3.5)
    labels = Labels(skeleton, (SINGLE,), (ImageRef(path="+s/-img.png"),), points, np.ones((1, 1, 2), np.int8), "=Ann")
    export_lightning_pose(labels, {}, tmp_path, silent)
    with (tmp_path / "CollectedData.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    text = [cell for row in rows[:3] for cell in row] + [rows[3][0]]
    assert not [cell for cell in text if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert rows[3][1:] == ["-3.5"] * 4


def test_several_animals_are_never_squeezed_into_lightning_pose(labels, tmp_path):
    with pytest.raises(PoseError) as caught:
        export_lightning_pose(labels, {}, tmp_path / "out", silent)
    assert caught.value.code == "labels.several_animals"
    assert not (tmp_path / "out").exists()


def test_views_are_written_side_by_side_in_the_same_order(tmp_path):
    skeleton = Skeleton(keypoints=(Keypoint(name="nose"),))
    places = [("top", 2), ("side", 1), ("top", 1), ("side", 2), ("top", 9)]
    refs = tuple(ImageRef(path=f"labeled-data/s_{v}/img{n}.png", recording="s", view=v) for v, n in places)
    labels = Labels(skeleton, (SINGLE,), refs, np.ones((5, 1, 1, 2)), np.ones((5, 1, 1), np.int8))
    exported = export_lightning_pose(labels, {}, tmp_path, silent)
    order = {
        view: [row.split("/")[-1][:4] for row in read_pose_csv(tmp_path / f"CollectedData_{view}.csv").rows]
        for view in ("top", "side")
    }
    assert order == {"top": ["img2", "img1", "img9"], "side": ["img2", "img1"]}
    assert [w["code"] for w in exported.warnings] == ["export.views_differ"]
    same = {r.path: r.view for r in open_project(tmp_path).labels.images}
    assert same == {r.path: r.view for r in refs}


def test_states_that_deeplabcut_cannot_hold_are_reported(labels, tmp_path):
    exported = export_deeplabcut(labels, {}, tmp_path, silent)
    assert [w["code"] for w in exported.warnings] == ["export.state_lost"] * 2
