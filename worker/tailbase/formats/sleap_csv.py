"""Reads the analysis CSV that SLEAP exports: one row an animal and frame, `<keypoint>.x`, `.y` and `.score`."""

from pathlib import Path

import numpy as np

from tailbase.errors import PoseError
from tailbase.formats.cells import unprotect
from tailbase.formats.csv_rows import read_rows
from tailbase.formats.sleap_instances import MAX_NUMBERS, Instances, join_tracks
from tailbase.schema import Predictions

TRACK, FRAME = "track", "frame_idx"


def is_sleap_csv(path: Path) -> bool:
    """Whether the first line names the columns that only this kind of file has."""
    with path.open("rb") as file:
        start = file.readline(4096).removeprefix(b"\xef\xbb\xbf").replace(b'"', b"")
    return {TRACK.encode(), FRAME.encode()} <= set(start.strip().split(b","))


def read_sleap_csv(path: Path, frames_per_second: float = 1.0) -> Predictions:
    """Predictions of one video; frames that the file leaves out are empty.

    Raises:
        PoseError: labels.bad_header, labels.not_a_number, and as `read_rows` and `join_tracks`.
    """
    rows = read_rows(path)
    _, header = next(rows)
    names = [unprotect(cell).strip() for cell in header]
    keypoints = tuple(name.removesuffix(".x") for name in names if name.endswith(".x"))
    wanted = [f"{keypoint}.{part}" for keypoint in keypoints for part in ("x", "y", "score")]
    if missing := [name for name in (FRAME, TRACK, *wanted) if name not in names]:
        raise PoseError("labels.bad_header", f"{path.name} lacks the column {missing[0]}. Export it again from SLEAP.")
    places = [names.index(name) for name in wanted]
    frame_place, track_place = names.index(FRAME), names.index(TRACK)
    frames, tracks, values = [], [], []
    for line, cells in rows:
        cells += [""] * (len(names) - len(cells))
        frames.append(int(_number(path.name, line, cells[frame_place], FRAME)))
        tracks.append(unprotect(cells[track_place]).strip())
        values.append([_number(path.name, line, cells[p], names[p], "nan") for p in places])
        if len(values) * len(places) > MAX_NUMBERS:
            raise PoseError("labels.too_large", f"{path.name}, line {line}: more than {MAX_NUMBERS:,} numbers.")
    cube = np.array(values).reshape(len(values), len(keypoints), 3)
    found = Instances(
        path.name, keypoints, np.array(frames, np.int64), tuple(tracks), cube[..., :2], cube[..., 2]
    )  # fmt: skip
    return join_tracks(found, frames_per_second)


def _number(source: str, line: int, cell: str, column: str, empty: str = "") -> float:
    try:
        number = float(cell.strip() or empty)
        if column == FRAME and number != int(number):
            raise ValueError(cell)
    except (ValueError, OverflowError):
        message = f"{source}, line {line}, column {column}: {cell[:40]!r} is no number."
        raise PoseError("labels.not_a_number", message) from None
    return number
