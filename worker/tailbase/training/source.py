"""Labels from what a user names: a labels.parquet, a CSV, or the folder of a project."""

from pathlib import Path

from tailbase.errors import PoseError
from tailbase.formats.labels_parquet import read_labels
from tailbase.formats.merge import merge_labels
from tailbase.formats.pose_csv import read_pose_csv
from tailbase.formats.pose_table import table_labels
from tailbase.schema import Labels

_MOST_FILES = 10_000


def read_source(source: Path) -> tuple[Labels, Path]:
    """Labels, and the folder their image paths are relative to.

    A folder holds labels.parquet, or CollectedData*.csv itself (Lightning Pose) or in its labeled-data (DeepLabCut).

    Errors:
        labels.not_found: nothing of the kind is there; labels.*: a file is wrong.
    """
    if source.is_dir():
        return _project(source)
    if not source.is_file():
        raise PoseError("labels.not_found", f"There is no file or folder {source}.")
    if source.suffix == ".parquet":
        return read_labels(source), _images_folder(source.parent)
    return _csv(source), _root_of_csv(source)


def _project(folder: Path) -> tuple[Labels, Path]:
    if (folder / "labels.parquet").is_file():
        return read_labels(folder / "labels.parquet"), _images_folder(folder)
    files = sorted(folder.glob("CollectedData*.csv")) or sorted(folder.glob("labeled-data/*/CollectedData*.csv"))
    if not files or len(files) > _MOST_FILES:
        message = f"{folder.name} holds no labels: no labels.parquet, CollectedData.csv or labeled-data was found."
        raise PoseError("labels.not_found", message)
    parts = [_csv(file) for file in files]
    return (parts[0] if len(parts) == 1 else merge_labels(parts)), folder


def _images_folder(folder: Path) -> Path:
    """An import bundle keeps its images in `images`, other folders beside the labels."""
    return folder / "images" if (folder / "images").is_dir() else folder


def _csv(file: Path) -> Labels:
    table = read_pose_csv(file)
    if len(table.scorers) != 1:
        message = f"{file.name} holds the labels of {len(table.scorers)} people. Export those of one."
        raise PoseError("labels.several_scorers", message)
    return table_labels(table, table.scorers[0])


def _root_of_csv(file: Path) -> Path:
    """The project's folder: DeepLabCut keeps the file two folders below it."""
    return file.parents[2] if file.parent.parent.name == "labeled-data" else file.parent
