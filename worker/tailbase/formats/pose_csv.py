"""Reads CSV files of Lightning Pose and DeepLabCut: three header rows, or four with `individuals`."""

import math
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.cells import unprotect
from tailbase.formats.csv_rows import read_rows
from tailbase.formats.pose_table import COORDINATES, Column, PoseTable, check_columns

MAX_VALUES = 500_000_000

_HEADERS = (["scorer", "bodyparts", "coords"], ["scorer", "individuals", "bodyparts", "coords"])
_PLAIN_NUMBERS = re.compile(r"[0-9eE+\-., ]*")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?\s*", re.ASCII)

Rows = Iterator[tuple[int, list[str]]]


def read_pose_csv(path: Path) -> PoseTable:
    """Reads labels or predictions; the index is one column, or three (labeled-data, video, image).

    Raises:
        PoseError: `labels.bad_header`, `labels.not_a_number`, `labels.not_finite`, `labels.bad_row`,
            `labels.bad_encoding`, `labels.bad_csv` or `labels.too_large`; the message has the line.
    """
    rows = read_rows(path)
    header = _header(path.name, rows)
    width = 3 if header[0][1:3] == ["", ""] else 1
    columns, kept = _columns(path.name, header, width)
    check_columns(path.name, columns)
    names: list[str] = []
    lines: list[int] = []
    values: list[NDArray[np.float64]] = []
    for line, cells in rows:
        if any(cells[len(header[0]) :]):
            raise PoseError(
                "labels.bad_row", f"{path.name}, line {line}: {len(cells)} cells, the header has {len(header[0])}."
            )
        cells += [""] * (len(header[0]) - len(cells))
        names.append(_row_name(path.name, line, cells[:width]))
        lines.append(line)
        values.append(_numbers(path.name, line, [cells[i] for i in kept], columns))
        if len(values) * len(columns) > MAX_VALUES:
            raise PoseError("labels.too_large", f"{path.name}, line {line}: more than {MAX_VALUES:,} numbers.")
    table = np.array(values) if values else np.empty((0, len(columns)))
    return PoseTable(path.name, tuple(columns), tuple(names), table, tuple(lines))


def looks_like_pose_csv(path: Path) -> bool:
    """Whether the first cell is `scorer`, as in every file of this kind."""
    with path.open("rb") as file:
        start = file.read(16)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip(b'"').startswith(b"scorer")


def _header(source: str, rows: Rows) -> list[list[str]]:
    found: list[list[str]] = []
    for line, cells in islice(rows, 4):
        found.append(cells)
        expected = [names[: len(found)] for names in _HEADERS]
        if [row[0].strip() for row in found] not in expected:
            raise PoseError("labels.bad_header", _header_complaint(source, line, cells))
        if cells[0].strip() == "coords":
            return _complete(found)
    raise PoseError("labels.bad_header", f"{source} ends before its header does.")


def _complete(header: list[list[str]]) -> list[list[str]]:
    """Header rows of one length; where the first row ends early its last scorer goes on, as spreadsheets leave it."""
    length = max(map(len, header))
    scorers = header[0] + header[0][-1:] * (length - len(header[0]))
    return [scorers, *(row + [""] * (length - len(row)) for row in header[1:])]


def _header_complaint(source: str, line: int, cells: list[str]) -> str:
    if len(cells) == 1 and (";" in cells[0] or "\t" in cells[0]):
        return f"{source}, line {line}: cells must be separated by commas; save the file again as CSV with commas."
    return (
        f"{source}, line {line}: begins with {cells[0][:40]!r}; the first rows must begin with scorer, "
        "bodyparts, coords (or scorer, individuals, bodyparts, coords)."
    )


def _columns(source: str, header: list[list[str]], width: int) -> tuple[list[Column], list[int]]:
    """The columns of points, and where they stand in a row. Lightning Pose's `set` column of text is left out."""
    columns: list[Column] = []
    kept: list[int] = []
    for place in range(width, len(header[0])):
        cells = [unprotect(row[place]).strip() for row in header]
        if cells[0] in ("set", "") and not any(cells[1:]):
            continue
        scorer, *individual, keypoint, coordinate = cells
        if not all(cells):
            raise PoseError("labels.bad_header", f"{source}, lines 1 to {len(header)}: column {place + 1} has no name.")
        if coordinate not in COORDINATES:
            raise PoseError(
                "labels.bad_header",
                f"{source}, line {len(header)}, column {place + 1}: {coordinate[:40]!r} is none of "
                f"{', '.join(COORDINATES)}.",
            )
        columns.append(Column(scorer, individual[0] if individual else None, keypoint, coordinate))
        kept.append(place)
    return columns, kept


def _row_name(source: str, line: int, cells: list[str]) -> str:
    name = "/".join(unprotect(cell) for cell in cells).strip("/") if len(cells) > 1 else unprotect(cells[0]).strip()
    if not name:
        raise PoseError("labels.bad_row", f"{source}, line {line}: names no image and no frame.")
    return name


def _numbers(source: str, line: int, cells: list[str], columns: list[Column]) -> NDArray[np.float64]:
    if _PLAIN_NUMBERS.fullmatch(",".join(cells)):
        try:
            row = np.array([float(cell) if cell else math.nan for cell in cells])
        except ValueError:
            row = np.array([math.inf])
        if not np.isinf(row).any():
            return row
    return np.array([_number(source, line, *pair) for pair in zip(cells, columns, strict=True)])


def _number(source: str, line: int, cell: str, column: Column) -> float:
    text = cell.strip()
    if not text or text.lower() == "nan":
        return math.nan
    place = f"{source}, line {line}, {column.keypoint} {column.coordinate}"
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        raise PoseError("labels.not_finite", f"{place}: infinite numbers cannot be coordinates.")
    if not _NUMBER.fullmatch(text):
        raise PoseError("labels.not_a_number", f"{place}: {text[:40]!r} is not a number.")
    if math.isinf(value := float(text)):
        raise PoseError("labels.not_finite", f"{place}: {text[:40]} is too large for a coordinate.")
    return value
