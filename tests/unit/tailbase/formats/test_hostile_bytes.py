"""Whatever is done to the bytes of a file, its reader gives an answer or a PoseError."""

import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from tailbase.errors import PoseError
from tailbase.formats.archive import extract_zip
from tailbase.formats.images import read_image
from tailbase.formats.labels_parquet import read_labels, write_labels
from tailbase.formats.pose_csv import read_pose_csv
from tailbase.formats.pose_table import table_labels
from tailbase.formats.predictions_parquet import read_predictions, write_predictions
from tailbase.schema import Predictions

ROUNDS = 120


def mutated(data, rng):
    """A few bytes changed, or some cut out, doubled or cut off."""
    broken = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        place, kind = rng.integers(max(1, len(broken))), rng.integers(8)
        if kind < 5 and broken:
            broken[place] = rng.integers(256)
        elif kind == 5:
            del broken[place : place + 30]
        elif kind == 6:
            broken[place:place] = broken[place : place + 20]
        else:
            del broken[place:]
    return bytes(broken)


def write_zip(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("p/CollectedData.csv", "x" * 500)
        file.writestr("p/img.png", bytes(range(256)))


def read_zip(path):
    folder = path.with_name("out")
    try:
        extract_zip(path, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_csv(path):
    table = read_pose_csv(path)
    for scorer in table.scorers:
        table_labels(table, scorer)


@pytest.fixture
def write(labels, skeleton, drawn):
    rng = np.random.default_rng(0)
    predictions = Predictions(skeleton, ("a",), rng.random((50, 1, 2, 2), np.float32),
                              rng.random((50, 1, 2), np.float32), np.arange(50.0))  # fmt: skip
    header = "scorer,A,A,A,A\nindividuals,i,i,j,j\nbodyparts,n,n,n,n\ncoords,x,y,x,y\n"
    return {
        ".labels": lambda path: write_labels(labels, path),
        ".predictions": lambda path: write_predictions(predictions, path),
        ".csv": lambda path: path.write_text(header + "labeled-data/s/1.png,1,2,3.5,4\nlabeled-data/s/2.png,1,2,,\n"),
        ".zip": write_zip,
        ".png": lambda path: Image.fromarray(drawn.picture(3)).save(path),
        ".jpg": lambda path: Image.fromarray(drawn.picture(3)).save(path),
    }


@pytest.mark.filterwarnings("ignore")  # Pillow and zipfile warn of what they then refuse
@pytest.mark.parametrize(
    ("kind", "read"),
    [(".labels", read_labels), (".predictions", read_predictions), (".csv", read_csv), (".zip", read_zip),
     (".png", read_image), (".jpg", read_image)],
)  # fmt: skip
def test_broken_files_never_crash_a_reader(write, kind, read, tmp_path):
    path = tmp_path / f"file{kind}"
    write[kind](path)
    read(path)
    data, rng, refused = path.read_bytes(), np.random.default_rng(1), 0
    for _ in range(ROUNDS):
        path.write_bytes(mutated(data, rng))
        try:
            read(path)
        except PoseError:
            refused += 1
    assert refused > ROUNDS // 10
