"""Labels as Parquet: one row for each point that has a state, and one row for each image without any."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import ValidationError

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing
from tailbase.formats.parquet_metadata import Metadata, open_parquet
from tailbase.schema import ImageRef, Labels, PointState

MAX_POINTS = 50_000_000
"""Most cells (images x individuals x keypoints) that are read into memory."""

STATES = {PointState.VISIBLE: "visible", PointState.OCCLUDED: "occluded", PointState.ABSENT: "absent"}
IMAGE_FIELDS = ("image", "video", "frame_index", "recording", "view", "crop")
CROP = pa.struct([pa.field(name, pa.int32()) for name in ("x", "y", "width", "height")])
SCHEMA = pa.schema(
    [
        pa.field("image", pa.string(), nullable=False),
        pa.field("video", pa.string()),
        pa.field("frame_index", pa.int32()),
        pa.field("recording", pa.string()),
        pa.field("view", pa.string()),
        pa.field("crop", CROP),
        pa.field("individual", pa.string()),
        pa.field("keypoint", pa.string()),
        pa.field("x", pa.float64()),
        pa.field("y", pa.float64()),
        pa.field("state", pa.string()),
    ]
)


def write_labels(labels: Labels, path: Path) -> None:
    """Writes labels to one Parquet file, whole or not at all.

    Raises:
        PoseError: `labels.duplicate_rows` where two images have the same path.
    """
    metadata = Metadata(skeleton=labels.skeleton, individuals=labels.individuals, scorer=labels.scorer)
    table = labels_table(labels)
    with replacing(path) as part:
        pq.write_table(table.cast(metadata.attach(SCHEMA)), part, compression="zstd")


def labels_table(labels: Labels) -> Any:
    """The rows as an Arrow table; raises `labels.duplicate_rows` where two images have the same path."""
    refuse_twins([ref.path for ref in labels.images])
    images, individuals, keypoints, columns = _points_and_empty_images(labels)
    refs = {
        name: [getattr(ref, name) for ref in labels.images] for name in ("video", "frame_index", "recording", "view")
    }
    refs["crop"] = [ref.crop and ref.crop.model_dump() for ref in labels.images]
    refs["image"] = [ref.path for ref in labels.images]
    return pa.table(
        {name: pa.array(refs[name], SCHEMA.field(name).type).take(pa.array(images)) for name in IMAGE_FIELDS}
        | {"individual": individuals, "keypoint": keypoints}
        | columns,
        schema=SCHEMA,
    )


def _points_and_empty_images(labels: Labels) -> tuple[NDArray[np.int64], Any, Any, dict[str, Any]]:
    image, individual, keypoint = (axis.astype(np.int64) for axis in np.nonzero(labels.states))
    empty = np.setdiff1d(np.arange(len(labels.images)), image)
    order = np.argsort(np.concatenate([image, empty]), kind="stable")

    def column(values: Sequence[Any] | NDArray[Any], kind: Any) -> Any:
        return pa.concat_arrays([pa.array(values, kind), pa.nulls(len(empty), kind)]).take(pa.array(order))

    states = labels.states[image, individual, keypoint]
    xy = labels.points[image, individual, keypoint]
    hidden = (states == PointState.ABSENT) | ~np.isfinite(xy).all(axis=-1)
    return (
        np.concatenate([image, empty])[order],
        column([labels.individuals[i] for i in individual], pa.string()),
        column([labels.skeleton.names[k] for k in keypoint], pa.string()),
        {
            "x": column(np.ma.array(xy[:, 0], mask=hidden), pa.float64()),
            "y": column(np.ma.array(xy[:, 1], mask=hidden), pa.float64()),
            "state": column([STATES[PointState(s)] for s in states], pa.string()),
        },
    )


def read_labels(path: Path) -> Labels:
    """Reads what `write_labels` wrote.

    Raises:
        PoseError: `parquet.unreadable`, `parquet.not_ours`, `labels.damaged`, `labels.too_large`.
    """
    file, metadata = open_parquet(path)
    if file.metadata.num_rows > MAX_POINTS:
        raise PoseError("labels.too_large", f"{path.name} has more than {MAX_POINTS:,} points.")
    try:
        table = file.read()
        if "crop" not in table.column_names:  # as in files of earlier versions
            table = table.append_column(SCHEMA.field("crop"), pa.nulls(len(table), CROP))
        table = table.select(SCHEMA.names).cast(SCHEMA)
        table.validate(full=True)  # text in a damaged file need not be UTF-8
    except (pa.ArrowException, KeyError, OSError) as error:
        raise PoseError("labels.damaged", f"{path.name} lacks columns of labels: {error}.") from error
    try:
        return _labels(table, metadata, path.name)
    except ValidationError as error:
        raise PoseError("labels.damaged", f"{path.name}: {error.errors()[0]['msg']}.") from error


def _labels(table: Any, metadata: Metadata, name: str) -> Labels:
    image, refs = _images(table)
    shape = (len(refs), len(metadata.individuals), len(metadata.skeleton.keypoints))
    if shape[0] * shape[1] * shape[2] > MAX_POINTS:
        raise PoseError("labels.too_large", f"{name} has more than {MAX_POINTS:,} possible points.")
    points, states = np.full((*shape, 2), np.nan), np.zeros(shape, dtype=np.int8)
    has_point = pc.is_valid(table["keypoint"]).to_numpy()
    rows = table.filter(pc.is_valid(table["keypoint"]))
    where = (
        image[has_point],
        _positions(rows["individual"], metadata.individuals, name),
        _positions(rows["keypoint"], metadata.skeleton.names, name),
    )
    if len(np.unique(np.ravel_multi_index(where, shape))) < len(where[0]):
        raise PoseError("labels.duplicate_rows", f"{name} has two rows for the same point.")
    points[where] = np.stack([rows["x"].to_numpy(), rows["y"].to_numpy()], axis=-1)
    if np.isinf(points).any():
        raise PoseError("labels.not_finite", f"{name} holds infinite numbers, which cannot be coordinates.")
    states[where] = _positions(rows["state"], tuple(STATES.values()), name) + 1
    return Labels(metadata.skeleton, metadata.individuals, tuple(refs), points, states, metadata.scorer)


def _images(table: Any) -> tuple[NDArray[np.int64], list[ImageRef]]:
    """For each row the position of its image, and the images in their order of appearance."""
    encoded = table["image"].combine_chunks().dictionary_encode()
    indices = encoded.indices.to_numpy().astype(np.int64)
    _, first = np.unique(indices, return_index=True)
    rows = table.select(IMAGE_FIELDS).take(pa.array(first)).to_pylist()
    return indices, [ImageRef(path=row.pop("image"), **row) for row in rows]


def _positions(column: Any, names: Sequence[str], file: str) -> NDArray[np.int64]:
    found = pc.index_in(column, value_set=pa.array(list(names), pa.string()))
    if found.null_count:
        strange = column.filter(pc.is_null(found))[0].as_py()
        raise PoseError("labels.damaged", f"{file} speaks of {strange!r}, which is none of {', '.join(names[:20])}.")
    return np.asarray(found.to_numpy(), dtype=np.int64)


def refuse_twins(paths: Sequence[str]) -> None:
    """Raises `labels.duplicate_rows` where an image occurs twice."""
    seen: set[str] = set()
    for path in paths:
        if path in seen:
            raise PoseError("labels.duplicate_rows", f"The image {path} occurs twice; keep one row for each image.")
        seen.add(path)
