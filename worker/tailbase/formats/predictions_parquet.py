"""Predictions as Parquet: one row a frame, three float32 columns a point, written as they come."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.parquet_metadata import Metadata, open_parquet
from tailbase.schema import Predictions, Skeleton

COORDINATES = ("x", "y", "likelihood")
CELLS_A_GROUP = 500_000
"""Numbers held in memory before a row group is written: 2 MB."""
MAX_CELLS = 500_000_000
"""Most numbers read into memory at once: 2 GB."""


def columns(individuals: Sequence[str], keypoints: Sequence[str]) -> list[str]:
    """`<individual>/<keypoint>/<coordinate>` in the order of the array (individual, keypoint, coordinate)."""
    return [f"{i}/{k}/{c}" for i in individuals for k in keypoints for c in COORDINATES]


def _schema(metadata: Metadata) -> Any:
    fields = [pa.field("frame", pa.int32(), nullable=False), pa.field("time_s", pa.float64(), nullable=False)]
    fields += [pa.field(name, pa.float32()) for name in columns(metadata.individuals, metadata.skeleton.names)]
    return metadata.attach(pa.schema(fields))


class PredictionsWriter:
    """Writes poses frame by frame in bounded memory; the file appears when all went well.

    Use it as a context manager. `write` takes any number of consecutive frames at a time.
    """

    def __init__(
        self,
        path: Path,
        skeleton: Skeleton,
        individuals: Sequence[str],
        provenance: dict[str, str] | None = None,
        first_frame: int = 0,
    ) -> None:
        metadata = Metadata(skeleton=skeleton, individuals=tuple(individuals), provenance=provenance or {})
        self._path, self._part = path, path.with_name(f".{path.name}.part")
        self._schema = _schema(metadata)
        self._width = len(self._schema) - 2
        self._next = first_frame
        self._rows_a_group = max(64, CELLS_A_GROUP // max(1, self._width))
        self._values: list[NDArray[np.float32]] = []
        self._times: list[NDArray[np.float64]] = []

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Coordinates hardly repeat: a dictionary of them costs memory, and makes the file half as large again.
        self._file = pq.ParquetWriter(self._part, self._schema, compression="zstd", use_dictionary=False)
        return self

    def write(self, points: NDArray[np.float32], likelihood: NDArray[np.float32], times: NDArray[np.float64]) -> None:
        """Appends frames.

        Args:
            points: shape (frame, individual, keypoint, 2), original pixels.
            likelihood: shape (frame, individual, keypoint).
            times: shape (frame,), seconds.
        """
        values = interleave(points, likelihood).reshape(len(times), self._width)
        self._values.append(values)
        self._times.append(np.asarray(times, dtype=np.float64))
        if sum(map(len, self._times)) >= self._rows_a_group:
            self._flush()

    def _flush(self) -> None:
        if not self._times:
            return
        values, times = np.concatenate(self._values), np.concatenate(self._times)
        frames = np.arange(self._next, self._next + len(times), dtype=np.int32)
        arrays = [pa.array(frames), pa.array(times), *(pa.array(np.ascontiguousarray(column)) for column in values.T)]
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=len(times))
        self._next += len(times)
        self._values, self._times = [], []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
            self._file.close()
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)


class BlockWriter:
    """Writes the Float32 block a browser reads by byte ranges; the file appears when all went well.

    Little-endian float32 without a header, C order (frame, individual, keypoint, 3): x, y, likelihood.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f".{path.name}.part")

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("wb")
        return self

    def write(self, points: NDArray[np.float32], likelihood: NDArray[np.float32]) -> None:
        """Appends frames; shapes as in `PredictionsWriter.write`."""
        self._file.write(interleave(points, likelihood).astype("<f4", copy=False).tobytes())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)


def interleave(points: NDArray[np.float32], likelihood: NDArray[np.float32]) -> NDArray[np.float32]:
    """(…, 2) points and (…) likelihoods as one (…, 3) float32 array."""
    return np.concatenate([points, likelihood[..., None]], axis=-1, dtype=np.float32)


def write_predictions(predictions: Predictions, path: Path, first_frame: int = 0) -> None:
    """Writes all poses at once, whole or not at all."""
    with PredictionsWriter(
        path, predictions.skeleton, predictions.individuals, predictions.provenance, first_frame
    ) as writer:
        writer.write(predictions.points, predictions.likelihood, predictions.times)


def write_block(predictions: Predictions, path: Path) -> None:
    """Writes all poses as one Float32 block."""
    with BlockWriter(path) as writer:
        writer.write(predictions.points, predictions.likelihood)


def read_predictions(path: Path) -> Predictions:
    """Reads what `write_predictions` or `PredictionsWriter` wrote.

    Raises:
        PoseError: `parquet.unreadable`, `parquet.not_ours`, `predictions.damaged`, `predictions.too_large`.
    """
    file, metadata = open_parquet(path)
    if file.metadata.num_rows * len(file.schema_arrow) > MAX_CELLS:
        raise PoseError("predictions.too_large", f"{path.name} is too long to be read at once; read it by segments.")
    chunks = list(iterate_predictions(path)) or [_empty(metadata)]
    return Predictions(
        metadata.skeleton,
        metadata.individuals,
        np.concatenate([c.points for c in chunks]),
        np.concatenate([c.likelihood for c in chunks]),
        np.concatenate([c.times for c in chunks]),
        metadata.provenance,
    )


def _empty(metadata: Metadata) -> Predictions:
    shape = (0, len(metadata.individuals), len(metadata.skeleton.keypoints))
    points, likelihood = np.empty((*shape, 2), np.float32), np.empty(shape, np.float32)
    return Predictions(metadata.skeleton, metadata.individuals, points, likelihood, np.empty(0))


def iterate_predictions(path: Path, rows: int = 4096) -> Iterator[Predictions]:
    """Consecutive frames of a predictions file, at most `rows` at a time, in bounded memory."""
    file, metadata = open_parquet(path)
    names = _schema(metadata).names
    # A smoothed track has further columns, which are read by `tailbase.smoothing`.
    if not set(names) <= set(file.schema_arrow.names):
        raise PoseError("predictions.damaged", f"{path.name} lacks columns of predictions.")
    shape = (len(metadata.individuals), len(metadata.skeleton.keypoints), 3)
    expected: int | None = None
    for batch in _batches(file, path, rows, names):
        frames = batch.column(0).to_numpy()
        expected = int(frames[0]) if expected is None else expected
        if not np.array_equal(frames, np.arange(expected, expected + len(frames))):
            raise PoseError("predictions.damaged", f"The frames of {path.name} are not consecutive.")
        expected += len(frames)
        values = np.stack([c.to_numpy(zero_copy_only=False) for c in batch.columns[2:]], axis=-1)
        values = values.astype(np.float32, copy=False).reshape(len(frames), *shape)
        yield Predictions(
            metadata.skeleton, metadata.individuals, values[..., :2], values[..., 2],
            batch.column(1).to_numpy(), metadata.provenance,
        )  # fmt: skip


def _batches(file: Any, path: Path, rows: int, names: list[str]) -> Iterator[Any]:
    try:
        yield from file.iter_batches(batch_size=rows, columns=names)
    except (pa.ArrowException, OSError) as error:
        raise PoseError("predictions.damaged", f"{path.name} is damaged: {error}.") from error


def frame_range(path: Path) -> tuple[int, int]:
    """First frame and one past the last; (0, 0) for an empty file."""
    file, _ = open_parquet(path)
    if not file.metadata.num_rows:
        return 0, 0
    first = next(file.iter_batches(batch_size=1, columns=["frame"])).column(0)[0].as_py()
    return first, first + file.metadata.num_rows


def join_segments(segments: Sequence[Path], path: Path, block: Path | None = None) -> int:
    """Joins files of adjoining frames into one, and into one block; gives the number of frames.

    Raises:
        PoseError: `predictions.segments` where they do not adjoin or differ in skeleton or animals.
    """
    _, metadata = open_parquet(segments[0])
    start, stop = frame_range(segments[0])[0], frame_range(segments[0])[0]
    writer = PredictionsWriter(path, metadata.skeleton, metadata.individuals, metadata.provenance, start)
    with writer, BlockWriter(block or path.with_suffix(".f32")) as blocks:
        for segment in segments:
            _, other = open_parquet(segment)
            first, end = frame_range(segment)
            if first != stop or (other.skeleton, other.individuals) != (metadata.skeleton, metadata.individuals):
                raise PoseError("predictions.segments", f"{segment.name} does not continue the segment before it.")
            stop = end
            for chunk in iterate_predictions(segment):
                writer.write(chunk.points, chunk.likelihood, chunk.times)
                blocks.write(chunk.points, chunk.likelihood)
    return stop - start
