"""What a model says about labelled images beside what people said: in memory, and as Parquet, the worst point first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from pydantic import Field

from tailbase.errors import PoseError
from tailbase.evaluation.errors import distances
from tailbase.formats.atomic import replacing
from tailbase.formats.parquet_metadata import Metadata, open_parquet
from tailbase.schema import SINGLE, Frozen, Skeleton

FIELD = "field/"
"""Before the name of a recording's field in the names of columns."""

MAX_ROWS = 20_000_000

_KNOWN = ("path", "id", "video", "frame_index", "recording", "view", "part", "domain")
_NUMBERS = ("x", "y", "likelihood", "labelled_x", "labelled_y", "error_px", "error_percent", "body_length_px")


class EvaluatedImage(Frozen):
    """A labelled image and what it is to the model.

    Attributes:
        path: of the image, as the labels name it.
        id: what the caller calls it.
        part: what the training used it for; `unseen` where it was not among its labels.
        domain: `OOD` where the recording is unlike those the model is meant for, `InD` elsewhere.
        fields: of its recording, such as animal and rig.
    """

    path: str
    id: str | None = None
    video: str | None = None
    frame_index: int | None = None
    recording: str | None = None
    view: str | None = None
    part: Literal["train", "validation", "test", "unseen"] = "unseen"
    domain: Literal["InD", "OOD"] = "InD"
    fields: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """A model's points in labelled images.

    Attributes:
        predicted: x, y in pixels of the original image.
        labelled: the same from a person; NaN where there is none.
        body_px: the body length each point's error is a share of, pixels; NaN where it is not known.
    """

    skeleton: Skeleton
    images: tuple[EvaluatedImage, ...]
    predicted: Float[NDArray[np.float64], "image keypoint 2"]
    likelihood: Float[NDArray[np.float64], "image keypoint"]
    labelled: Float[NDArray[np.float64], "image keypoint 2"]
    body_px: Float[NDArray[np.float64], "image keypoint"]

    @property
    def errors_px(self) -> Float[NDArray[np.float64], "image keypoint"]:
        """Euclidean distances; NaN where nothing is labelled."""
        return distances(self.predicted, self.labelled)

    @property
    def errors_percent(self) -> Float[NDArray[np.float64], "image keypoint"]:
        """The same in percent of the body length."""
        return 100 * self.errors_px / self.body_px

    def only(self, rows: Sequence[int] | Bool[NDArray[np.bool_], "image"]) -> "Evaluation":
        """The evaluation of some of the images."""
        wanted = np.asarray(rows)
        chosen = np.flatnonzero(wanted) if wanted.dtype == bool else wanted.astype(np.int64)
        images = tuple(self.images[row] for row in chosen)
        arrays = (one[chosen] for one in (self.predicted, self.likelihood, self.labelled, self.body_px))
        return Evaluation(self.skeleton, images, *arrays)


def write_evaluation(evaluation: Evaluation, path: Path) -> None:
    """One row a labelled point, the greatest error first, with one column `field/<name>` for each recording field."""
    errors = evaluation.errors_px
    image, keypoint = np.nonzero(np.isfinite(errors))
    order = np.argsort(-errors[image, keypoint], kind="stable")
    image, keypoint = image[order], keypoint[order]
    columns: dict[str, Any] = {
        name: pa.array([getattr(evaluation.images[row], name) for row in image], _kind(name)) for name in _KNOWN
    }
    for name in sorted({name for one in evaluation.images for name in one.fields}):
        columns[FIELD + name] = pa.array([evaluation.images[row].fields.get(name) for row in image], pa.string())
    columns["keypoint"] = pa.array([evaluation.skeleton.names[k] for k in keypoint], pa.string())
    for name, values in _numbers(evaluation, errors).items():
        columns[name] = pa.array(values[image, keypoint], pa.float64(), from_pandas=True)
    table = pa.table(columns)
    metadata = Metadata(skeleton=evaluation.skeleton, individuals=(SINGLE,))
    with replacing(path) as part:
        pq.write_table(table.cast(metadata.attach(table.schema)), part, compression="zstd")


def _kind(name: str) -> Any:
    return pa.int32() if name == "frame_index" else pa.string()


def _numbers(evaluation: Evaluation, errors: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    values = (
        evaluation.predicted[..., 0], evaluation.predicted[..., 1], evaluation.likelihood,
        evaluation.labelled[..., 0], evaluation.labelled[..., 1], errors, evaluation.errors_percent, evaluation.body_px,
    )  # fmt: skip
    return dict(zip(_NUMBERS, values, strict=True))


def read_evaluation(path: Path) -> Evaluation:
    """Reads what `write_evaluation` wrote; images in the order of their names, points without label are NaN.

    Errors:
        parquet.*; evaluation.damaged: columns are missing or of another kind; evaluation.too_large.
    """
    file, metadata = open_parquet(path)
    if file.metadata.num_rows > MAX_ROWS:
        raise PoseError("evaluation.too_large", f"{path.name} has more than {MAX_ROWS:,} points.")
    try:
        table = file.read()
        columns = {name: table[name].to_pylist() for name in (*_KNOWN, "keypoint")}
        images = {row["path"]: EvaluatedImage(**row) for row in _images(table, columns)}
        names = sorted(images)
        place = {name: number for number, name in enumerate(names)}
        at = [place[name] for name in columns["path"]], [metadata.skeleton.names.index(k) for k in columns["keypoint"]]
        shape = len(names), len(metadata.skeleton.names)
        grids = {name: _grid(shape, at, table[name].to_numpy()) for name in _NUMBERS}
    except (KeyError, ValueError, TypeError, pa.ArrowException, OSError) as error:
        raise PoseError("evaluation.damaged", f"{path.name} is not a table of errors: {error}.") from error
    predicted = np.stack([grids["x"], grids["y"]], -1)
    labelled = np.stack([grids["labelled_x"], grids["labelled_y"]], -1)
    chosen = tuple(images[name] for name in names)
    return Evaluation(metadata.skeleton, chosen, predicted, grids["likelihood"], labelled, grids["body_length_px"])


def _images(table: Any, columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    fields = {name.removeprefix(FIELD): table[name].to_pylist() for name in table.column_names if FIELD in name[:6]}
    rows: list[dict[str, Any]] = []
    for number, path in enumerate(columns["path"]):
        known = {name: values[number] for name, values in fields.items() if values[number] is not None}
        rest = {name: columns[name][number] for name in _KNOWN if name != "path"}
        rows.append({"path": path, "fields": known, **rest})
    return rows


def _grid(shape: tuple[int, int], at: tuple[list[int], list[int]], values: NDArray[np.float64]) -> NDArray[np.float64]:
    grid = np.full(shape, np.nan)
    grid[at] = values
    return grid


def known_images(path: Path) -> dict[str, dict[str, Any]]:
    """Reads what a caller knows of images, as JSON: ``{"<image>": {"id": "...", "fields": {"rig": "A"}}}``.

    Errors:
        evaluate.bad_images: it is not that.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(image): {
                "id": None if facts.get("id") is None else str(facts["id"]),
                "fields": {str(name): str(value) for name, value in facts.get("fields", {}).items()},
            }
            for image, facts in found.items()
        }
    except (OSError, ValueError, AttributeError) as error:
        message = f'{path.name} must be JSON such as {{"img1.png": {{"fields": {{"rig": "A"}}}}}}: {error}.'
        raise PoseError("evaluate.bad_images", message) from error
