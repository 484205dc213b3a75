"""Files of predictions as members of an ensemble: opened by name, read a few keypoints at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.parquet_metadata import open_parquet
from tailbase.formats.predictions_parquet import COORDINATES, frame_range
from tailbase.formats.project import open_predictions
from tailbase.schema import Predictions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Member:
    """One network's predictions of one video.

    Attributes:
        names: the keypoints; of several animals `<animal>/<keypoint>`.
        columns: the name of each keypoint's columns in Parquet, `<animal>/<keypoint>`.
        first, frames: number of the first frame, and how many there are.
        values: float32, shape (frame, keypoint, 3); None where the file is read a few columns at a time.
        times: seconds of each frame, shape (frame,).
        ends_with_video: False where the file names only frames with animals, so that the video may go on.
    """

    path: Path
    names: tuple[str, ...]
    columns: tuple[str, ...]
    first: int
    frames: int
    times: Floats
    values: NDArray[np.float32] | None
    ends_with_video: bool = True

    def read(self, names: Sequence[str]) -> NDArray[np.float32]:
        """The named keypoints, shape (frame, keypoint, 3); all NaN for those it does not have."""
        read = np.full((self.frames, len(names), 3), np.nan, np.float32)
        for place, name in enumerate(names):
            if name in self.names:
                read[:, place] = self._keypoint(self.names.index(name))
        return read

    def _keypoint(self, number: int) -> NDArray[np.float32]:
        if self.values is not None:
            return self.values[:, number]
        wanted = [f"{self.columns[number]}/{coordinate}" for coordinate in COORDINATES]
        table = open_parquet(self.path)[0].read(columns=wanted)
        return np.stack([table[name].to_numpy().astype(np.float32) for name in wanted], axis=-1)


def open_members(paths: Sequence[Path], frames_per_second: float | None = None) -> list[Member]:
    """Opens files of one camera; those that stop at the last frame with an animal go on as long as the others.

    Raises:
        PoseError: as `open_member`.
    """
    members = [open_member(path, frames_per_second) for path in paths]
    return lengthen_open_ended(members)


def lengthen_open_ended(members: Sequence[Member]) -> list[Member]:
    """The members; those that may go on have empty frames up to the end of the longest."""
    longest = max(members, key=lambda member: member.frames, default=None)
    if longest is None:
        return []
    return [
        member if member.ends_with_video or member.frames == longest.frames else _lengthened(member, longest)
        for member in members
    ]


def _lengthened(member: Member, longest: Member) -> Member:
    if member.values is None:
        return member
    empty = np.full((longest.frames - member.frames, *member.values.shape[1:]), np.nan, np.float32)
    empty[..., 2] = 0.0
    values = np.concatenate([member.values, empty])
    return replace(member, frames=longest.frames, times=longest.times, values=values)


def open_member(path: Path, frames_per_second: float | None = None) -> Member:
    """Opens a file of Tailbase (Parquet), Lightning Pose or DeepLabCut (CSV, .h5), or SLEAP (.slp, analysis .h5, CSV).

    Raises:
        PoseError: smoothing.no_file, or as the readers of the formats.
    """
    if not path.is_file():
        raise PoseError("smoothing.no_file", f"{path} does not exist.")
    if path.suffix.lower() == ".parquet":
        return _open_parquet(path)
    read = open_predictions(path, frames_per_second)
    names = _names(read.individuals, read.skeleton.names)
    return Member(path, names, names, 0, len(read.times), read.times, _flat(read), read.ends_with_video)


def _open_parquet(path: Path) -> Member:
    file, metadata = open_parquet(path)
    columns = tuple(f"{i}/{k}" for i in metadata.individuals for k in metadata.skeleton.names)
    wanted = {f"{column}/{coordinate}" for column in columns for coordinate in COORDINATES}
    if not wanted | {"frame", "time_s"} <= set(file.schema_arrow.names):
        raise PoseError("predictions.damaged", f"{path.name} lacks columns of predictions.")
    start, stop = frame_range(path)
    times = file.read(columns=["time_s"])["time_s"].to_numpy().astype(np.float64)
    names = _names(metadata.individuals, metadata.skeleton.names)
    return Member(path, names, columns, start, stop - start, times, None)


def _names(individuals: Sequence[str], keypoints: Sequence[str]) -> tuple[str, ...]:
    if len(individuals) == 1:
        return tuple(keypoints)
    return tuple(f"{i}/{k}" for i in individuals for k in keypoints)


def _flat(read: Predictions) -> NDArray[np.float32]:
    values = np.concatenate([read.points, read.likelihood[..., None]], axis=-1)
    return values.reshape(len(read.times), -1, 3)


def check_same_frames(members: Sequence[Member]) -> None:
    """Raises smoothing.lengths_differ unless all are of the same frames."""
    if not members or not members[0].frames:
        raise PoseError("ensemble.empty", "An ensemble needs at least one set of predictions with at least one frame.")
    first = members[0]
    for other in members[1:]:
        if (other.first, other.frames) != (first.first, first.frames):
            raise PoseError(
                "smoothing.lengths_differ",
                f"{first.path.name} has {_span(first)} and {other.path.name} {_span(other)}; the files of an ensemble "
                "must be of the same frames of one video.",
            )


def _span(member: Member) -> str:
    return f"{member.frames} frames from frame {member.first}" if member.first else f"{member.frames} frames"


def read_together(members: Sequence[Member], names: Sequence[str]) -> Floats:
    """The named keypoints of every member, shape (member, frame, keypoint, 3)."""
    return np.stack([member.read(names) for member in members]).astype(np.float64)


def common_names(members: Sequence[Member]) -> tuple[str, ...]:
    """Every keypoint that a member has, in the order of the first file, then of the others."""
    return tuple(dict.fromkeys(name for member in members for name in member.names))
