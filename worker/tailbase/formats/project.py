"""Opens labels or predictions whatever program wrote them: a project folder, a label file, or our own Parquet."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tailbase.errors import PoseError
from tailbase.formats import deeplabcut, lightning_pose
from tailbase.formats.cells import LABELED
from tailbase.formats.labels_parquet import read_labels
from tailbase.formats.merge import merge_labels
from tailbase.formats.parquet_metadata import open_parquet
from tailbase.formats.pose_table import table_labels
from tailbase.formats.predictions_parquet import read_predictions
from tailbase.formats.project_files import Project, locate_images, read_table, recording_folder, warning
from tailbase.formats.skeleton_names import describe
from tailbase.schema import ImageRef, Labels, Predictions

HDF5 = frozenset({".h5", ".hdf5"})
TABLE_SUFFIXES = HDF5 | {".csv"}
LABELS_PARQUET = "labels.parquet"
MAX_NESTING = 3
"""Folders that may lie around a project, as in a zip file of a folder."""


def open_project(source: Path, scorer: str | None = None) -> Project:
    """Reads labels with everything that is known about them.

    Args:
        source: a project folder (or one around it), a CSV or .h5 file, or a labels.parquet.
        scorer: whose labels count where several people labelled the same image.

    Raises:
        PoseError: `project.not_found`, `project.unknown_format`, or as the readers of the formats.
    """
    if not source.exists():
        raise PoseError("project.not_found", f"{source} does not exist.")
    if source.is_file():
        project = _open_file(source)
    else:
        root = find_root(source)
        if (root / LABELS_PARQUET).is_file():
            project = _open_file(root / LABELS_PARQUET)
        elif lightning_pose.is_lightning_pose(root):
            project = lightning_pose.read_lightning_pose(root)
        else:
            project = deeplabcut.read_deeplabcut(root, scorer)
    return project if project.format == "tailbase" else _described(project)


def load_labels(source: Path) -> tuple[Labels, Path]:
    """Labels, and the folder that their image paths are relative to; the images that exist have their true path."""
    project = open_project(source)
    return project.labels, project.root


def find_root(folder: Path) -> Path:
    """The folder itself or the only project within it."""
    level = [folder]
    for _ in range(MAX_NESTING):
        if found := [candidate for candidate in level if _is_project(candidate)]:
            if len(found) > 1:
                names = ", ".join(path.name for path in found[:5])
                raise PoseError("project.several", f"There are several projects here: {names}. Open one of them.")
            return found[0]
        level = sorted(p for f in level for p in f.iterdir() if p.is_dir() and not p.name.startswith((".", "__MACOSX")))
        level = level[:1000]
    raise PoseError(
        "project.unknown_format",
        f"{folder.name} is no project that is known: neither CollectedData.csv (Lightning Pose), nor config.yaml or "
        "labeled-data/<video>/CollectedData_<scorer>.csv (DeepLabCut), nor labels.parquet (Tailbase).",
    )


def _is_project(folder: Path) -> bool:
    return (
        (folder / LABELS_PARQUET).is_file()
        or lightning_pose.is_lightning_pose(folder)
        or deeplabcut.is_deeplabcut(folder)
    )


def _open_file(path: Path) -> Project:
    if path.suffix.lower() == ".parquet":
        labels, root = read_labels(path), path.parent
        # An import bundle keeps its images in `images`; elsewhere they lie beside the labels.
        images = root if any((root / ref.path).is_file() for ref in labels.images[:100]) else root / "images"
        labels, found = locate_images(labels, images, images)
        return Project("tailbase", images, labels, (labels.scorer,), found)
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise PoseError("project.unknown_format", f"{path.name} is no CSV, .h5, .parquet or .zip file.")
    table = read_table(path)
    if table.is_of_frames:
        raise PoseError("labels.predictions", f"{path.name} holds predictions of frames, not labels of images.")
    root = _root_of_table(path, table.rows)
    parts = [table_labels(table, scorer) for scorer in table.scorers]
    merged, left_out = merge_labels(parts)
    labels, files = locate_images(_with_recordings(merged), root, path.parent)
    notes = list(table.warnings)
    if left_out:
        notes.append(warning("labels.other_scorer", f"{len(left_out)} images have labels of several scorers"))
    theirs = path.suffix.lower() != ".csv" or LABELED in path.parts or any(c.individual for c in table.columns)
    kind = "deeplabcut" if theirs else "lightning-pose"
    return Project(kind, root, labels, table.scorers, files, warnings=tuple(notes))


def _root_of_table(path: Path, rows: tuple[str, ...]) -> Path:
    """The folder that the table's image paths start from: its own, or where `labeled-data` lies."""
    for folder in [path.parent, *path.parents[1:3]]:
        if any((folder / row.replace("\\", "/")).is_file() for row in rows[:100]):
            return folder
    return path.parent


def _with_recordings(labels: Labels) -> Labels:
    refs: list[ImageRef] = []
    for ref in labels.images:
        refs.append(ref.model_copy(update={"recording": recording_folder(ref.path)}))
    return replace(labels, images=tuple(refs))


def with_out_of_domain(project: Project) -> Project:
    """The project with all its labels together; `out_of_domain` still says which are only to be tested on."""
    if project.out_of_domain is None:
        return project
    labels, _ = merge_labels([project.labels, project.out_of_domain])
    return _described(replace(project, labels=labels))


def _described(project: Project) -> Project:
    """With colours, left/right partners and edges, which follow from names where the project has none."""
    skeleton = describe(project.labels.skeleton.names, project.edges)
    return replace(project, labels=replace(project.labels, skeleton=skeleton))


def open_predictions(path: Path, frames_per_second: float | None = None) -> Predictions:
    """Reads predictions of one video from CSV, .h5 or .slp (also those of SLEAP), or our Parquet.

    Args:
        frames_per_second: gives the times where the file has none; without it a frame counts as a second.

    Raises:
        PoseError: `predictions.no_frames` where the file holds labels; otherwise as the readers.
    """
    from tailbase.formats.pose_table import table_predictions

    if path.suffix.lower() == ".parquet":
        return read_predictions(path)
    if (read_sleap := _reader_of_sleap(path)) is not None:
        return read_sleap(path, frames_per_second or 1.0)
    read = table_predictions(read_table(path), frames_per_second or 1.0)
    return replace(read, skeleton=describe(read.skeleton.names))


def holds_predictions(path: Path) -> bool:
    """Whether a file's rows are frames of a video rather than labelled images."""
    if path.suffix.lower() == ".parquet":
        file, _ = open_parquet(path)
        return "frame" in file.schema_arrow.names
    if _reader_of_sleap(path) is not None:
        return True
    return path.suffix.lower() in TABLE_SUFFIXES and read_table(path).is_of_frames


def _reader_of_sleap(path: Path) -> Callable[[Path, float], Predictions] | None:
    """What reads a file, where SLEAP wrote it."""
    match path.suffix.lower():
        case ".slp":
            from tailbase.formats.sleap_slp import read_slp

            return read_slp
        case ".csv":
            from tailbase.formats.sleap_csv import is_sleap_csv, read_sleap_csv

            return read_sleap_csv if is_sleap_csv(path) else None
        case suffix if suffix in HDF5:
            from tailbase.formats.sleap_analysis import is_sleap_analysis, read_sleap_analysis

            return read_sleap_analysis if is_sleap_analysis(path) else None
        case _:
            return None
