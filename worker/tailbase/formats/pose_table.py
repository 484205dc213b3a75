"""The table that Lightning Pose and DeepLabCut share, whichever file it came from, and what it means."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from tailbase.errors import PoseError
from tailbase.formats.cells import relative_image_path
from tailbase.formats.labels_parquet import MAX_POINTS
from tailbase.schema import SINGLE, ImageRef, Keypoint, Labels, Name, PointState, Predictions, Skeleton

COORDINATES = ("x", "y", "likelihood", "visible")
MAX_KEYPOINTS = 500
MAX_INDIVIDUALS = 1000

_NAME = TypeAdapter(Name)
_SEEN = {0: PointState.UNLABELED, 1: PointState.OCCLUDED, 2: PointState.VISIBLE}


@dataclass(frozen=True)
class Column:
    """What the header rows say about one column. `individual` is None in files without such a row."""

    scorer: str
    individual: str | None
    keypoint: str
    coordinate: str


@dataclass(frozen=True)
class PoseTable:
    """Numbers with the names of their rows and columns.

    Attributes:
        source: file name, for messages.
        columns: one for each column of `values`.
        rows: as written in the file: paths of images or numbers of frames.
        values: float64, shape (row, column); NaN where the cell is empty.
        lines: line of each row in the file, for messages; None where there are no lines.
    """

    source: str
    columns: tuple[Column, ...]
    rows: tuple[str, ...]
    values: NDArray[np.float64]
    lines: tuple[int, ...] | None = None
    warnings: list[dict[str, str]] = field(default_factory=list)

    @property
    def scorers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c.scorer for c in self.columns))

    @property
    def keypoints(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c.keypoint for c in self.columns))

    @property
    def individuals(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c.individual or SINGLE for c in self.columns))

    @property
    def is_of_frames(self) -> bool:
        """Whether rows are numbers of frames rather than paths of images."""
        return bool(self.rows) and all(row.isdecimal() for row in self.rows)

    def where(self, row: int) -> str:
        return f"{self.source}, line {self.lines[row]}" if self.lines else f"{self.source}, row {row + 1}"


def check_columns(source: str, columns: Sequence[Column]) -> None:
    """Raises `labels.bad_header` where the header makes no sense."""
    if not columns:
        raise PoseError("labels.bad_header", f"{source} has no columns of points.")
    double, times = Counter(columns).most_common(1)[0]
    if times > 1:
        raise PoseError("labels.bad_header", f"{source} has {times} columns {double.keypoint}, {double.coordinate}.")
    points: dict[tuple[str, str | None, str], set[str]] = {}
    for column in columns:
        if column.coordinate not in COORDINATES:
            raise PoseError(
                "labels.bad_header", f"{source} has a column {column.coordinate!r}; known are {', '.join(COORDINATES)}."
            )
        points.setdefault((column.scorer, column.individual, column.keypoint), set()).add(column.coordinate)
    if lonely := [keypoint for (_, _, keypoint), found in points.items() if not {"x", "y"} <= found]:
        raise PoseError("labels.bad_header", f"{source} lacks x or y of {lonely[0]!r}.")
    names = {c.keypoint for c in columns}, {c.individual or SINGLE for c in columns}
    if len(names[0]) > MAX_KEYPOINTS or len(names[1]) > MAX_INDIVIDUALS:
        raise PoseError("labels.too_large", f"{source} has more than {MAX_KEYPOINTS} keypoints or 1,000 animals.")
    for name in names[0] | names[1]:
        check_name(source, name)


def check_name(source: str, name: str) -> None:
    try:
        _NAME.validate_python(name)
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise PoseError("labels.bad_header", f"{source}: the name {name!r} cannot be used: {problem}.") from error


def table_labels(table: PoseTable, scorer: str) -> Labels:
    """One scorer's labels; keypoints and individuals in the order of the file.

    A `visible` column gives the states as Lightning Pose reads it: 2 visible, 1 not to be seen (occluded where it has
    a position, absent where it has none), 0 not labelled. Without one a point with a position is visible and one
    without is not labelled. A point with x but without y is dropped with a warning.

    Raises:
        PoseError: `labels.duplicate_rows`, `labels.bad_path`, `labels.bad_visibility`.
    """
    images = _images(table)
    shape = (len(images), len(table.individuals), len(table.keypoints))
    if shape[0] * shape[1] * shape[2] > MAX_POINTS:
        raise PoseError("labels.too_large", f"{table.source} has more than {MAX_POINTS:,} possible points.")
    cube = _cube(table, scorer)
    points = cube[..., :2]
    half = np.isnan(points).any(axis=-1) & ~np.isnan(points).all(axis=-1)
    for row, i, k in np.argwhere(half)[:20]:
        detail = f"{table.where(row)}: {table.individuals[i]} {table.keypoints[k]} has only one of x and y"
        table.warnings.append({"code": "labels.half_point", "detail": detail})
    points[half] = np.nan
    states = np.where(np.isnan(points[..., 0]), PointState.UNLABELED, PointState.VISIBLE).astype(np.int8)
    _apply_visibility(table, cube[..., 3], points, states)
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=name) for name in table.keypoints))
    return Labels(skeleton, table.individuals, images, points, states, scorer)


def _images(table: PoseTable) -> tuple[ImageRef, ...]:
    first: dict[str, int] = {}
    for row, written in enumerate(table.rows):
        path = relative_image_path(written)
        if path in first:
            raise PoseError(
                "labels.duplicate_rows", f"{table.where(row)}: {path} was already in {table.where(first[path])}."
            )
        first[path] = row
    return tuple(ImageRef(path=path) for path in first)


def _cube(table: PoseTable, scorer: str) -> NDArray[np.float64]:
    """Values as (row, individual, keypoint, coordinate), NaN where the table has no such column."""
    individuals = {name: i for i, name in enumerate(table.individuals)}
    keypoints = {name: i for i, name in enumerate(table.keypoints)}
    cube = np.full((len(table.rows), len(individuals), len(keypoints), len(COORDINATES)), np.nan)
    for number, column in enumerate(table.columns):
        if column.scorer == scorer:
            place = individuals[column.individual or SINGLE], keypoints[column.keypoint]
            cube[:, place[0], place[1], COORDINATES.index(column.coordinate)] = table.values[:, number]
    return cube


def _apply_visibility(
    table: PoseTable, visible: NDArray[np.float64], points: NDArray[np.float64], states: NDArray[np.int8]
) -> None:
    said = ~np.isnan(visible)
    if strange := np.argwhere(said & ~np.isin(visible, list(_SEEN))).tolist():
        row, i, k = strange[0]
        value = visible[row, i, k]
        raise PoseError("labels.bad_visibility", f"{table.where(row)}: visible is {value:g}; it must be 0, 1 or 2.")
    for value, state in _SEEN.items():
        states[said & (visible == value)] = state
    nowhere = np.isnan(points[..., 0])
    states[(states == PointState.VISIBLE) & nowhere] = PointState.UNLABELED
    states[(states == PointState.OCCLUDED) & nowhere] = PointState.ABSENT
    points[states == PointState.UNLABELED] = np.nan


def table_predictions(table: PoseTable, frames_per_second: float = 1.0) -> Predictions:
    """Predictions keyed by frame number; frames the file leaves out are NaN with likelihood 0.

    Args:
        frames_per_second: gives the times; these files do not say it.

    Raises:
        PoseError: `predictions.no_frames` where rows are not frame numbers, `labels.duplicate_rows`.
    """
    if not table.is_of_frames:
        raise PoseError("predictions.no_frames", f"The rows of {table.source} are not numbers of frames.")
    frames = np.array([int(row) for row in table.rows])
    order = np.argsort(frames, kind="stable")
    twins = np.flatnonzero(np.diff(frames[order]) == 0)
    if len(twins):
        row = int(order[twins[0] + 1])
        raise PoseError("labels.duplicate_rows", f"{table.where(row)}: frame {frames[row]} occurs twice.")
    if frames.max() + 1 > 10 * len(frames) + 1_000_000:
        raise PoseError("predictions.no_frames", f"{table.source} speaks of frame {frames.max()} in few rows.")
    values = _cube(table, table.scorers[0])[..., :3].astype(np.float32)
    full = np.full((int(frames.max()) + 1, *values.shape[1:]), np.nan, dtype=np.float32)
    full[frames] = values
    likelihood = np.nan_to_num(full[..., 2], nan=0.0)
    times = np.arange(len(full)) / frames_per_second
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=name) for name in table.keypoints))
    return Predictions(
        skeleton, table.individuals, full[..., :2], likelihood, times, {"scorer": table.scorers[0]}
    )  # fmt: skip
