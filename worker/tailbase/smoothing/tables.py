"""What smoothing writes: the columns peers use as CSV, the same as Parquet, and blocks for a browser."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tailbase.formats.atomic import replacing
from tailbase.formats.cells import protect
from tailbase.formats.parquet_metadata import Metadata, open_parquet
from tailbase.formats.skeleton_names import describe
from tailbase.schema import SINGLE
from tailbase.smoothing.ensemble import Ensemble
from tailbase.smoothing.single import Smoothed

Floats = NDArray[np.float64]

SCORER = "ensemble-kalman_tracker"
COLUMNS = (
    "x", "y", "likelihood", "x_ens_median", "y_ens_median", "x_ens_var", "y_ens_var", "x_posterior_var",
    "y_posterior_var",
)  # fmt: skip
CELLS_AT_A_TIME = 4_000_000


@dataclass(frozen=True)
class Axis:
    """The frames of a result: number of the first, how many, and their seconds; `of` is how many the video has."""

    first: int
    frames: int
    times: Floats
    of: int | None = None


@dataclass
class TrackTable:
    """The smoothed points of one view, filled a few keypoints at a time; on disk while it is filled.

    Attributes:
        names: the points, `<animal>/<keypoint>` where there are several animals.
        values: float32, shape (keypoint, column, frame).
    """

    names: tuple[str, ...]
    axis: Axis
    columns: tuple[str, ...] = COLUMNS
    values: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        shape = (len(self.names), len(self.columns), self.axis.frames)
        with tempfile.TemporaryFile() as file:
            # The map keeps the file, which has no name, for as long as it lives.
            self.values = np.memmap(file, np.float32, "w+", shape=shape)

    def put(self, names: Sequence[str], ensemble: Ensemble, smoothed: Smoothed) -> None:
        """Enters some keypoints."""
        parts = (
            smoothed.points, ensemble.likelihood[..., None], ensemble.centre,
            np.where(np.isfinite(smoothed.noise), smoothed.noise, np.nan), smoothed.predictive,
        )  # fmt: skip
        block = np.concatenate(parts, axis=2).transpose(1, 2, 0)
        for name, rows in zip(names, block, strict=True):
            self.values[self.names.index(name)] = rows

    def individuals(self) -> tuple[str, ...]:
        """The animals, or none where names do not tell several apart."""
        pairs = [name.split("/", 1) for name in self.names]
        if not all(len(pair) == 2 for pair in pairs):
            return ()
        animals = tuple(dict.fromkeys(pair[0] for pair in pairs))
        keypoints = tuple(dict.fromkeys(pair[1] for pair in pairs))
        whole = self.names == tuple(f"{animal}/{keypoint}" for animal in animals for keypoint in keypoints)
        return animals if whole else ()

    def axes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of animals and of keypoints, whose product the points are."""
        animals = self.individuals()
        if not animals:
            return (SINGLE,), self.names
        return animals, tuple(dict.fromkeys(name.split("/", 1)[1] for name in self.names))

    def rows(self) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Consecutive frames with their values, shape (keypoint, column, frame)."""
        step = max(1, CELLS_AT_A_TIME // max(1, len(self.names) * len(self.columns)))
        for start in range(0, self.axis.frames, step):
            part = slice(start, min(start + step, self.axis.frames))
            yield part, np.asarray(self.values[..., part])


def write_csv(table: TrackTable, path: Path) -> None:
    """One row a frame under the header rows of Lightning Pose and DeepLabCut; empty cells where nothing is known."""
    width = len(table.names) * len(table.columns)
    schema = pa.schema([("frame", pa.int64()), *((str(n), pa.float32()) for n in range(width))])
    options = pa_csv.WriteOptions(include_header=False)
    with replacing(path) as part, part.open("wb") as file:
        animals = table.individuals()
        file.write(_header(animals, table.axes()[1], table.columns).encode())
        with pa_csv.CSVWriter(file, schema, write_options=options) as writer:
            for span, values in table.rows():
                writer.write_batch(_batch(table, span, values, schema, with_times=False))


def write_csv_of(source: Path, path: Path) -> None:
    """The CSV of a Parquet file that `write_parquet` wrote, a part of it at a time.

    Raises:
        PoseError: as `open_parquet`.
    """
    file, metadata = open_parquet(source)
    animals, keypoints = metadata.individuals, metadata.skeleton.names
    columns = [f"{animal}/{keypoint}/{column}" for animal in animals for keypoint in keypoints for column in COLUMNS]
    with replacing(path) as part, part.open("wb") as out:
        out.write(_header(animals if len(animals) > 1 else (), keypoints, COLUMNS).encode())
        wanted = ["frame", *columns]
        options = pa_csv.WriteOptions(include_header=False)
        schema = pa.schema([file.schema_arrow.field(name) for name in wanted])
        with pa_csv.CSVWriter(out, schema, write_options=options) as writer:
            for batch in file.iter_batches(max(1, CELLS_AT_A_TIME // len(wanted)), columns=wanted):
                writer.write_batch(batch.select(wanted).cast(schema))


def holds_smoothed(path: Path) -> bool:
    """Whether a file is a Parquet of smoothed predictions."""
    if path.suffix.lower() != ".parquet":
        return False
    names = open_parquet(path)[0].schema_arrow.names
    return any(name.endswith(f"/{COLUMNS[-1]}") for name in names)


def _header(animals: Sequence[str], keypoints: Sequence[str], columns: Sequence[str]) -> str:
    owners, repeat = animals or ("",), len(columns)
    names = [(animal, keypoint) for animal in owners for keypoint in keypoints]
    rows = [["scorer", *[SCORER] * (len(names) * repeat)]]
    if animals:
        rows.append(["individuals", *(protect(animal) for animal, _ in names for _ in range(repeat))])
    rows.append(["bodyparts", *(protect(keypoint) for _, keypoint in names for _ in range(repeat))])
    rows.append(["coords", *(list(columns) * len(names))])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _batch(table: TrackTable, span: slice, values: NDArray[np.float32], schema: Any, with_times: bool) -> Any:
    frames = np.arange(span.start, span.stop) + table.axis.first
    arrays = [pa.array(frames, schema.field(0).type)]
    arrays += [pa.array(table.axis.times[span])] if with_times else []
    arrays += [pa.array(row, from_pandas=True) for row in values.reshape(-1, values.shape[2])]
    return pa.record_batch(arrays, schema=schema)


def write_parquet(table: TrackTable, path: Path, provenance: dict[str, str]) -> None:
    """Predictions with further columns of each point: `<animal>/<keypoint>/<column>`, after frame and time_s."""
    animals, keypoints = table.axes()
    metadata = Metadata(skeleton=describe(keypoints), individuals=animals, scorer=SCORER, provenance=provenance)
    named = tuple(f"{animal}/{keypoint}" for animal in animals for keypoint in keypoints)
    fields = [pa.field("frame", pa.int32(), nullable=False), pa.field("time_s", pa.float64(), nullable=False)]
    fields += [pa.field(f"{name}/{column}", pa.float32()) for name in named for column in table.columns]
    schema = metadata.attach(pa.schema(fields))
    with replacing(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for span, values in table.rows():
            writer.write_batch(_batch(table, span, values, schema, with_times=True))


def write_blocks(table: TrackTable, points: Path, variances: Path) -> None:
    """Little-endian float32 without header, C order (frame, point, number), which a browser fetches by byte ranges.

    Points have x, y, likelihood; variances have the posterior variance of x and of y. Where the axis tells how many
    frames the video has, those before and after the track are NaN.
    """
    axis = table.axis
    before, after = (0, 0) if axis.of is None else (axis.first, axis.of - axis.first - axis.frames)
    for path, wanted in ((points, COLUMNS[:3]), (variances, COLUMNS[7:])):
        places = [table.columns.index(column) for column in wanted]
        empty = np.full((len(table.names), len(places)), np.nan, "<f4").tobytes()
        with replacing(path) as part, part.open("wb") as file:
            file.writelines(empty for _ in range(before))
            for _, values in table.rows():
                file.write(np.ascontiguousarray(values[:, places].transpose(2, 0, 1)).astype("<f4").tobytes())
            file.writelines(empty for _ in range(after))


def write_plain_csv(path: Path, axis: Axis, columns: dict[str, Floats]) -> None:
    """One header row; frame, time_s and further columns, one row a frame."""
    frames = np.arange(axis.frames) + axis.first
    table = pa.table({"frame": frames, "time_s": axis.times} | {k: _nullable(v) for k, v in columns.items()})
    with replacing(path) as part:
        pa_csv.write_csv(table, part, pa_csv.WriteOptions(quoting_style="needed"))


def _nullable(values: Floats) -> Any:
    return pa.array(values.astype(np.float32), from_pandas=True)
