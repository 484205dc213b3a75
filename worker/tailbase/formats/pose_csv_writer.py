"""Writes the CSV files of Lightning Pose and DeepLabCut, and our own with time in seconds."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailbase.formats.atomic import replacing
from tailbase.formats.cells import protect
from tailbase.formats.labels_parquet import labels_table
from tailbase.formats.predictions_parquet import columns as parquet_columns
from tailbase.formats.predictions_parquet import interleave
from tailbase.schema import SINGLE, Labels, PointState, Predictions

UNIQUE = "single"
"""DeepLabCut's individual that owns body parts which occur once in an image."""

_VISIBLE = {PointState.ABSENT: "1", PointState.OCCLUDED: "1", PointState.VISIBLE: "2", PointState.UNLABELED: ""}


def write_label_csv(
    labels: Labels,
    path: Path,
    *,
    individuals: bool,
    split_index: bool,
    visible: bool = False,
    places: Sequence[tuple[int, int]] | None = None,
) -> None:
    """Writes labels; empty cells where there is no position.

    Args:
        individuals: with a header row of individuals (DeepLabCut's multi-animal form).
        split_index: image paths in three columns, as DeepLabCut 2.2 and newer write them.
        visible: with a third coordinate: 2 visible, 1 occluded (with a position) or absent (without), empty elsewhere.
        places: the (individual, keypoint) pairs that have columns; those of `point_places` unless given.
    """
    places = point_places(labels) if places is None else places
    coordinates = ("x", "y", "visible") if visible else ("x", "y")
    names = [(labels.individuals[i], labels.skeleton.names[k]) for i, k in places]
    width = 3 if split_index else 1
    with _csv_file(path) as writer:
        writer.writerows(_header(labels.scorer, names, coordinates, individuals, width))
        for row, ref in enumerate(labels.images):
            cells = [protect(part) for part in (ref.path.split("/") if split_index else [ref.path])]
            for i, k in places:
                cells += _numbers(labels.points[row, i, k])
                if visible:
                    cells.append(_VISIBLE[PointState(int(labels.states[row, i, k]))])
            writer.writerow(cells)


def point_places(labels: Labels) -> list[tuple[int, int]]:
    """The (individual, keypoint) pairs that have columns: body parts of `single` only there, the others elsewhere."""
    unique, shared = unique_and_shared(labels)
    if not unique:
        return [(i, k) for i in range(len(labels.individuals)) for k in shared]
    return [(i, k) for i, name in enumerate(labels.individuals) for k in (unique if name == UNIQUE else shared)]


def unique_and_shared(labels: Labels) -> tuple[list[int], list[int]]:
    """Keypoints of `single`, and those of the other animals.

    The first list is empty where `single` is an animal like the others, because it shares keypoints with them.
    """
    everything = list(range(len(labels.skeleton.keypoints)))
    if UNIQUE not in labels.individuals or len(labels.individuals) == 1:
        return [], everything
    single = labels.individuals.index(UNIQUE)
    used = (labels.states != PointState.UNLABELED).any(axis=0)
    unique = [k for k in everything if used[single, k]]
    others = np.delete(used, single, axis=0).any(axis=0)
    shared = [k for k in everything if k not in unique]
    return (unique, shared) if unique and shared and not others[unique].any() else ([], everything)


def write_prediction_csv(chunks: Iterable[Predictions], path: Path, scorer: str, first_frame: int = 0) -> None:
    """Writes predictions keyed by frame number, with a row of individuals where there are several."""
    chunks = iter(chunks)
    first = next(chunks)
    individuals = first.individuals != (SINGLE,)
    names = [(i, k) for i in first.individuals for k in first.skeleton.names]
    with _csv_file(path) as writer:
        writer.writerows(_header(scorer, names, ("x", "y", "likelihood"), individuals, 1))
        for frame, _, cells in _prediction_rows([first], first_frame):
            writer.writerow([frame, *cells])
            first_frame = frame + 1
        for frame, _, cells in _prediction_rows(chunks, first_frame):
            writer.writerow([frame, *cells])


def write_tidy_csv(chunks: Iterable[Predictions], path: Path, first_frame: int = 0) -> None:
    """Writes one header row and one row a frame: frame, time_s, `<individual>/<keypoint>/<x, y or likelihood>`."""
    chunks = iter(chunks)
    first = next(chunks)
    with _csv_file(path) as writer:
        names = parquet_columns(first.individuals, first.skeleton.names)
        writer.writerow(["frame", "time_s", *map(protect, names)])
        for frame, time, cells in _prediction_rows([first], first_frame):
            writer.writerow([frame, repr(time), *cells])
            first_frame = frame + 1
        for frame, time, cells in _prediction_rows(chunks, first_frame):
            writer.writerow([frame, repr(time), *cells])


def write_long_csv(labels: Labels, path: Path) -> None:
    """Writes the rows of labels.parquet: one for each point that has a state, one for each image without any."""
    table = labels_table(labels)
    with _csv_file(path) as writer:
        writer.writerow(table.column_names)
        for batch in table.to_batches(max_chunksize=4096):
            for row in batch.to_pylist():
                writer.writerow([_cell(value) for value in row.values()])


def _cell(value: str | float | None) -> str:
    return "" if value is None else protect(value) if isinstance(value, str) else repr(value)


def _prediction_rows(chunks: Iterable[Predictions], frame: int) -> Iterator[tuple[int, float, list[str]]]:
    for chunk in chunks:
        values = interleave(chunk.points, chunk.likelihood).reshape(len(chunk.times), -1)
        for time, row in zip(chunk.times.tolist(), values, strict=True):
            yield frame, time, _numbers(row)
            frame += 1


def _header(
    scorer: str, names: Sequence[tuple[str, str]], coordinates: Sequence[str], individuals: bool, width: int
) -> list[list[str]]:
    blank, repeat = [""] * (width - 1), len(coordinates)
    rows = [["scorer", *blank, *[protect(scorer)] * (len(names) * repeat)]]
    if individuals:
        rows.append(["individuals", *blank, *(protect(i) for i, _ in names for _ in coordinates)])
    rows.append(["bodyparts", *blank, *(protect(k) for _, k in names for _ in coordinates)])
    rows.append(["coords", *blank, *(list(coordinates) * len(names))])
    return rows


def _numbers(values: NDArray[np.floating[Any]]) -> list[str]:
    """Shortest text that reads back as the same number of the same precision; empty where there is none."""
    return ["" if text == "nan" else text for text in values.astype("U32").tolist()]


@contextmanager
def _csv_file(path: Path) -> Iterator[Any]:
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield csv.writer(file, lineterminator="\n")
