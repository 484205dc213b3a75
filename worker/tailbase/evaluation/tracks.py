"""How plausible a predicted video is, without labels of it: steps from frame to frame, and distance from known poses.

Everything is pixels of the original image. Source of the measures: Biderman et al. 2024 (Lightning Pose).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing, write_text
from tailbase.formats.parquet_metadata import Metadata, open_parquet
from tailbase.formats.predictions_parquet import iterate_predictions
from tailbase.losses.multiview import mirrored_groups
from tailbase.losses.pca import Subspace, multiview_subspace, pca_errors, pose_subspace
from tailbase.schema import Labels, Predictions, Skeleton

TEMPORAL, POSE, VIEWS = "temporal_norm", "pose_pca", "multiview_pca"

TRACE = 1000
"""Most points of a trace."""

WORST = 30
APART = 15
"""Frames between two of the worst: neighbours show the same mistake."""

Values = Float[NDArray[np.float64], "frame individual keypoint"]


@dataclass
class _Frames:
    """One measure's values, frame by frame: mean and greatest over the points, and which point is the greatest."""

    mean: list[NDArray[np.float64]] = field(default_factory=list)
    highest: list[NDArray[np.float64]] = field(default_factory=list)
    keypoint: list[NDArray[np.int64]] = field(default_factory=list)
    total: NDArray[np.float64] | float = 0.0
    count: NDArray[np.int64] | int = 0

    def add(self, values: Values) -> None:
        known = np.isfinite(values)
        self.total = self.total + np.where(known, values, 0).sum((0, 1))
        self.count = self.count + known.sum((0, 1))
        flat = np.where(known, values, -np.inf).reshape(len(values), -1)
        counts = known.reshape(len(values), -1).sum(-1)
        sums = np.where(known, values, 0).reshape(len(values), -1).sum(-1)
        self.mean.append(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
        self.highest.append(np.where(counts > 0, flat.max(-1), np.nan))
        self.keypoint.append(flat.argmax(-1) % values.shape[-1])


def fit_subspaces(labels: Labels, skeleton: Skeleton) -> tuple[dict[str, Subspace], dict[str, str]]:
    """Subspaces of the labelled poses, in original pixels, for a skeleton; and why there is none where there is none.

    The multi-view one needs keypoints of one part in several views of the same image (mirrors).
    """
    names = skeleton.names
    points = np.full((len(labels.images) * len(labels.individuals), len(names), 2), np.nan)
    for k, name in enumerate(names):
        if name in labels.skeleton.names:
            points[:, k] = labels.points[:, :, labels.skeleton.names.index(name)].reshape(-1, 2)
    points = points[np.isfinite(points).all(-1).any(-1)]
    ways: dict[str, Callable[[], Subspace]] = {
        POSE: lambda: pose_subspace(points),
        VIEWS: lambda: multiview_subspace(points, mirrored_groups(skeleton)),
    }
    found, missing = {}, {}
    for name, fit in ways.items():
        try:
            found[name] = fit()
        except PoseError as error:
            missing[name] = error.message
    return found, missing


def measure_track(
    predictions: Path, subspaces: Mapping[str, Subspace], out: Path, missing: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write `out`/<stem>.metrics.parquet and `out`/<stem>.metrics.json for a predicted video.

    The table has one row a frame: frame, time_s, and float32 columns `<individual>/<keypoint>/<measure>`, with the
    measures temporal_norm (distance from the point's place one frame earlier), and pose_pca and multiview_pca (distance
    from the nearest pose of the subspace), as far as `subspaces` has them. No point is left out for its likelihood.

    Returns:
        What the JSON holds: frame_count, measures {name: {mean_px, median_px, p90_px, p99_px, keypoints {name:
        mean_px}, trace, worst}}, missing {name: why}.

    Errors:
        parquet.*, predictions.damaged.
    """
    _, metadata = open_parquet(predictions)
    measures = [TEMPORAL, *subspaces]
    gathered = {name: _Frames() for name in measures}
    count = 0
    schema = _schema(metadata, measures)
    with (
        replacing(out / f"{predictions.stem}.metrics.parquet") as part,
        pq.ParquetWriter(part, schema, compression="zstd") as writer,
    ):
        for chunk, steps in _with_steps(predictions):
            values = {TEMPORAL: steps} | {name: pca_errors(chunk.points, one) for name, one in subspaces.items()}
            for name in measures:
                gathered[name].add(values[name])
            writer.write_table(_table(schema, chunk, count, [values[name] for name in measures]))
            count += len(chunk.times)
    names = metadata.skeleton.names
    summary = {
        "frame_count": count,
        "measures": {name: _summary(gathered[name], names) for name in measures},
        "missing": dict(missing or {}),
    }
    write_text(out / f"{predictions.stem}.metrics.json", json.dumps(summary, allow_nan=False))
    return summary


def _with_steps(path: Path) -> Iterator[tuple[Predictions, Values]]:
    """Frames, and how far each point moved since the frame before; NaN in the first."""
    last: NDArray[np.float64] | None = None
    for chunk in iterate_predictions(path):
        points = chunk.points.astype(np.float64)
        before = np.full_like(points[:1], np.nan) if last is None else last
        yield chunk, np.linalg.norm(np.diff(points, axis=0, prepend=before), axis=-1)
        last = points[-1:]


def _schema(metadata: Metadata, measures: Sequence[str]) -> Any:
    fields = [pa.field("frame", pa.int32(), nullable=False), pa.field("time_s", pa.float64(), nullable=False)]
    fields += [
        pa.field(f"{animal}/{keypoint}/{measure}", pa.float32())
        for measure in measures
        for animal in metadata.individuals
        for keypoint in metadata.skeleton.names
    ]
    return metadata.attach(pa.schema(fields))


def _table(schema: Any, chunk: Predictions, first: int, values: Sequence[Values]) -> Any:
    frames = np.arange(first, first + len(chunk.times), dtype=np.int32)
    columns = np.concatenate([one.reshape(len(frames), -1) for one in values], axis=1).astype(np.float32)
    arrays = [pa.array(np.ascontiguousarray(column), from_pandas=True) for column in columns.T]
    return pa.Table.from_arrays([pa.array(frames), pa.array(chunk.times), *arrays], schema=schema)


def _summary(frames: _Frames, keypoints: Sequence[str]) -> dict[str, Any]:
    mean, highest = (np.concatenate([np.zeros(0), *values]) for values in (frames.mean, frames.highest))
    which = np.concatenate([np.zeros(0, np.int64), *frames.keypoint])
    known = mean[np.isfinite(mean)]
    counts, totals = np.atleast_1d(frames.count), np.atleast_1d(frames.total)
    quantiles = np.percentile(known, (50, 90, 99)) if known.size else []
    p50, p90, p99 = (float(value) for value in quantiles) if known.size else (None, None, None)
    return {
        "mean_px": float(totals.sum() / counts.sum()) if counts.sum() else None,
        "median_px": p50,
        "p90_px": p90,
        "p99_px": p99,
        "keypoints": {
            name: float(total / count) if count else None
            for name, total, count in zip(keypoints, totals, counts, strict=False)
        },
        "trace": _trace(mean, highest),
        "worst": [
            {"frame": row, "error_px": float(highest[row]), "keypoint": keypoints[int(which[row])]}
            for row in _worst(highest)
        ],
    }


def _trace(mean: NDArray[np.float64], highest: NDArray[np.float64]) -> dict[str, list[Any]]:
    """At most TRACE stretches of frames: the first frame of each, the mean in it, and the greatest value in it."""
    starts = np.unique(np.linspace(0, len(mean), min(len(mean), TRACE), endpoint=False).astype(np.int64))
    ends = [*starts[1:], len(mean)]
    parts = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
    return {
        "frame": starts.tolist(),
        "mean_px": [_known(mean[part], np.mean) for part in parts],
        "highest_px": [_known(highest[part], np.max) for part in parts],
    }


def _known(values: NDArray[np.float64], of: Any) -> float | None:
    known = values[np.isfinite(values)]
    return float(of(known)) if known.size else None


def _worst(highest: NDArray[np.float64]) -> list[int]:
    """Frames with the greatest values, none near another; of a long video only its greatest thousand are looked at."""
    order = np.argsort(-np.nan_to_num(highest, nan=-1), kind="stable")
    chosen: list[int] = []
    for row in order[: 1000 + WORST]:
        if len(chosen) == WORST or not np.isfinite(highest[row]):
            break
        if all(abs(int(row) - other) >= APART for other in chosen):
            chosen.append(int(row))
    return chosen
