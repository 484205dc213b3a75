"""Every point of every DeepLabCut and Lightning Pose file in the data sets, against the csv module and raw HDF5."""

import csv
import math
from pathlib import Path

import h5py
import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats.deeplabcut_h5 import read_deeplabcut_h5
from tailbase.formats.labels_parquet import read_labels, write_labels
from tailbase.formats.pose_csv import read_pose_csv
from tailbase.formats.project import open_predictions, open_project

LABEL_CSV = (
    "mirror-mouse/CollectedData.csv",
    "dlc-openfield/labeled-data/m4s1/CollectedData_Pranav.csv",
    "dlc-ants/Project 1/labeled-data/Ant with LEDs/CollectedData_TM.csv",
    "dlc-ants/Project 1/labeled-data/Frame Test/CollectedData_TM.csv",
    "sleap-centered-pair/dlc_multiple_datasets/video1/dlc_dataset_1.csv",
    "sleap-centered-pair/dlc_multiple_datasets/video2/dlc_dataset_2.csv",
    *(
        f"sleap-centered-pair/dlc/labeled-data/video/{name}.csv"
        for name in (
            "CollectedData_LM", "dlc_testdata", "dlc_testdata_v2", "madlc_testdata", "madlc_testdata_v2",
            "maudlc_testdata", "maudlc_testdata_v2",
        )
    ),
)  # fmt: skip
FOLDERS = {
    "mirror-mouse": ("lightning-pose", 90, 1396),
    "dlc-openfield": ("deeplabcut", 116, 464),
    "dlc-ants/Project 1": ("deeplabcut", 5, 6),
    "dlc-primer/montblanc_images": ("deeplabcut", 6, 88),
    "sleap-centered-pair/dlc": ("deeplabcut", 4, 17),
}


def raw_points(path: Path) -> dict[tuple[str, str, str], tuple[float, float]]:
    """(image, individual, keypoint) to (x, y) of all points of a label CSV, read without our code."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    head = next(i for i, row in enumerate(rows) if row[0] == "coords")
    individuals = next((row for row in rows[:head] if row[0] == "individuals"), None)
    parts = next(row for row in rows[:head] if row[0] == "bodyparts")
    start = next(i for i, cell in enumerate(parts[1:], 1) if cell)
    found = {}
    for row in rows[head + 1 :]:
        if not any(row):
            continue
        image = "/".join(row[:start])
        for i in range(start, len(row) - 1, 2):
            assert rows[head][i : i + 2] == ["x", "y"]
            if row[i] and row[i + 1]:
                animal = individuals[i] if individuals else "animal"
                found[image, animal, parts[i]] = float(row[i]), float(row[i + 1])
    return found


def points_of(labels) -> dict[tuple[str, str, str], tuple[float, float]]:
    return {
        (labels.images[i].path, labels.individuals[a], labels.skeleton.names[k]): tuple(labels.points[i, a, k].tolist())
        for i, a, k in np.argwhere(labels.states != 0)
    }


def by_file_name(points):
    """An image that lies beside its label file is found there, wherever the file says it lay."""
    return {(Path(image).name, animal, keypoint): xy for (image, animal, keypoint), xy in points.items()}


@pytest.mark.parametrize("name", LABEL_CSV)
def test_every_point_of_a_label_csv_comes_through(datasets, name, tmp_path):
    expected = raw_points(datasets / name)
    labels = open_project(datasets / name).labels
    assert by_file_name(points_of(labels)) == by_file_name(expected)
    write_labels(labels, tmp_path / "labels.parquet")
    assert points_of(read_labels(tmp_path / "labels.parquet")) == points_of(labels)


@pytest.mark.parametrize("name", LABEL_CSV)
def test_keypoints_keep_the_order_of_the_file(datasets, name):
    with (datasets / name).open(newline="") as file:
        parts = next(row for row in csv.reader(file) if row[0] == "bodyparts")
    labels = open_project(datasets / name).labels
    assert labels.skeleton.names == tuple(dict.fromkeys(cell for cell in parts[1:] if cell))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_project_folder_comes_through(datasets, name):
    project = open_project(datasets / name)
    kind, frames, points = FOLDERS[name]
    assert project.format == kind
    assert len(project.labels.images) == frames
    assert np.count_nonzero(project.labels.states) == points
    assert len(project.image_files) == frames
    assert project.unmatched_names == ()


@pytest.mark.parametrize("name", ["mirror-mouse", "dlc-openfield", "dlc-ants/Project 1"])
def test_a_project_folder_has_the_points_of_its_csv_files(datasets, name):
    files = [n for n in LABEL_CSV if n.startswith(name)]
    expected = {key: value for file in files for key, value in raw_points(datasets / file).items()}
    assert points_of(open_project(datasets / name).labels) == expected


@pytest.mark.parametrize("name", [n for n in LABEL_CSV if n.startswith("dlc")])
def test_the_h5_equals_its_csv_twin(datasets, name):
    table, twin = read_pose_csv(datasets / name), read_deeplabcut_h5((datasets / name).with_suffix(".h5"))
    assert twin.rows == table.rows
    assert twin.columns == table.columns
    np.testing.assert_allclose(twin.values, table.values, rtol=1e-12, atol=0, equal_nan=True)


def test_eight_birds_of_an_h5_without_csv_keep_their_identity(datasets):
    path = datasets / "dlc-primer/montblanc_images/CollectedData_Daniel.h5"
    labels = open_project(path).labels
    with h5py.File(path) as file:
        raw = file["df_with_missing/table"]["values_block_0"].reshape(6, 8, 4, 2)
    assert labels.individuals == tuple(f"bird{n}" for n in range(1, 9))
    assert labels.skeleton.names == ("head", "tail", "leftwing", "rightwing")
    np.testing.assert_array_equal(labels.points, np.where(np.isnan(raw).any(axis=-1, keepdims=True), np.nan, raw))


@pytest.mark.parametrize("network", [1, 2, 3])
def test_every_predicted_point_of_an_h5_comes_through(datasets, network):
    path = datasets / f"dlc-primer/ResultsComparison/m3v1mp4DLC_resnet50_openfieldOct30shuffle{network}_100000.h5"
    predictions = open_predictions(path, 30.0)
    with h5py.File(path) as file:
        raw = file["df_with_missing/table"]["values_block_0"].reshape(2330, 1, 4, 3).astype(np.float32)
    np.testing.assert_array_equal(predictions.points, raw[..., :2])
    np.testing.assert_array_equal(predictions.likelihood, raw[..., 2])
    assert predictions.times[30] == 1.0


def test_every_predicted_point_of_every_ensemble_csv_comes_through(datasets):
    files = sorted((datasets / "eks-ensembles").rglob("*.csv"))
    assert len(files) >= 30
    for path in files:
        with path.open(newline="") as file:
            rows = list(csv.reader(file))[3:]
        raw = np.array([[float(cell) if cell else math.nan for cell in row[1:]] for row in rows], dtype=np.float32)
        predictions = open_predictions(path)
        assert [int(row[0]) for row in rows] == list(range(len(rows)))
        read = np.concatenate([predictions.points, predictions.likelihood[..., None]], axis=-1)
        np.testing.assert_array_equal(read.reshape(len(rows), -1), raw, err_msg=path.name)


def test_other_h5_files_of_a_project_are_refused(datasets):
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(datasets / "dlc-primer/ResultsComparison/Errors_shuffle1.h5")
    assert caught.value.code == "labels.unreadable_h5"
