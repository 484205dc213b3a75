"""Rows of a CSV file that somebody else wrote, with bounds on everything and the line number in every complaint."""

import csv
from collections.abc import Iterator
from pathlib import Path

from tailbase.errors import PoseError

MAX_FILE_BYTES = 4 * 1024**3
MAX_LINE_BYTES = 4 * 1024**2
MAX_COLUMNS = 60_000
MAX_ROWS = 5_000_000

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number (from 1) and cells of each row that is not blank.

    Raises:
        PoseError: `labels.too_large`, `labels.bad_encoding` or `labels.bad_csv`, with the line.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise PoseError("labels.too_large", f"{path.name} is larger than {MAX_FILE_BYTES // 1024**3} GiB.")
    reader = csv.reader(_lines(path), strict=True)
    rows = 0
    try:
        for cells in reader:
            if not any(cells):
                continue
            rows += 1
            if rows > MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise PoseError(
                    "labels.too_large",
                    f"{path.name}, line {reader.line_num}: more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns.",
                )
            yield reader.line_num, cells
    except csv.Error as error:
        raise PoseError("labels.bad_csv", f"{path.name}, line {reader.line_num + 1}: {error}.") from error


def _lines(path: Path) -> Iterator[str]:
    number = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise PoseError("labels.too_large", f"{path.name}, line {number}: longer than 4 MiB.")
            yield _text(line, path.name, number)


def _text(line: bytes, name: str, number: int) -> str:
    if number == 1 and line.startswith(_WIDE_MARKS):
        raise PoseError("labels.bad_encoding", f"{name} is UTF-16 text; save it again as CSV in UTF-8.")
    if b"\0" in line:
        raise PoseError("labels.bad_encoding", f"{name}, line {number}: contains a zero byte, so it is not CSV text.")
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise PoseError(
            "labels.bad_encoding", f"{name}, line {number}: not UTF-8; save the file again as CSV in UTF-8."
        ) from error
