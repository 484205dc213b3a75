"""Reads SLEAP's own files (.slp): labels and predictions of frames in one HDF5 file.

Where a frame has an animal both predicted and corrected by a person, the corrected one counts. Nothing in the file is
run: its tables are read by name, its skeleton is JSON.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.hdf5_tables import read_table
from tailbase.formats.sleap_instances import Instances, join_tracks
from tailbase.schema import Predictions

SLP = ".slp"
MAX_JSON = 50_000_000
FROM_CORNER = 1.1
"""Files of an earlier format count pixels from the corner of the first one, half a pixel further."""


def read_slp(path: Path, frames_per_second: float = 1.0) -> Predictions:
    """Predictions of the only video of a file.

    Raises:
        PoseError: predictions.damaged, predictions.several_videos, and as `join_tracks`.
    """
    try:
        with h5py.File(path, "r", locking=False) as file:
            tables = {name: read_table(file, name) for name in ("frames", "instances", "points", "pred_points")}
            tracks = _tracks(read_table(file, "tracks_json")) if "tracks_json" in file else []
            facts = file["metadata"].attrs
            keypoints, shift = _nodes(facts["json"]), 0.5 if float(facts.get("format_id", 1.0)) < FROM_CORNER else 0.0
        found = _instances(path.name, tables, tracks, keypoints, shift)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, IndexError) as error:
        message = f"{path.name} is no readable file of SLEAP ({type(error).__name__}). Save it again."
        raise PoseError("predictions.damaged", message) from error
    return join_tracks(found, frames_per_second)


def _nodes(text: Any) -> tuple[str, ...]:
    """The keypoints in the order of the points: places in a list of nodes, as the only skeleton names them."""
    if len(text) > MAX_JSON:
        raise ValueError("too long")
    document = json.loads(text)
    names = [str(node["name"]) for node in document["nodes"]]
    (skeleton,) = document["skeletons"]
    return tuple(names[int(node["id"])] for node in skeleton["nodes"])


def _tracks(rows: NDArray[Any]) -> list[str]:
    return [str(json.loads(row)[1]) for row in rows.tolist()]


def _instances(
    source: str, tables: Mapping[str, NDArray[Any]], tracks: list[str], keypoints: tuple[str, ...], shift: float
) -> Instances:
    frames, instances = tables["frames"], tables["instances"]
    if len(np.unique(frames["video"])) > 1:
        raise PoseError("predictions.several_videos", f"{source} is of several videos. Save a file for each.")
    number = dict(zip(frames["frame_id"].tolist(), frames["frame_idx"].tolist(), strict=True))
    predicted = instances["instance_type"] == 1
    replaced = set(instances["from_predicted"][~predicted].tolist()) - {-1}
    kept = np.array(
        [not (p and id in replaced) for p, id in zip(predicted, instances["instance_id"].tolist(), strict=True)], bool
    )
    chosen, theirs = instances[kept], predicted[kept]
    points = np.full((len(chosen), len(keypoints), 3), np.nan)
    for name, rows in (("points", np.flatnonzero(~theirs)), ("pred_points", np.flatnonzero(theirs))):
        at = chosen["point_id_start"][rows].astype(np.int64)[:, None] + np.arange(len(keypoints))
        if len(rows) and (chosen["point_id_end"][rows] - chosen["point_id_start"][rows] != len(keypoints)).any():
            raise ValueError("an instance has other points")
        points[rows] = _points(tables[name][at]) if len(rows) else points[rows]
    return Instances(
        source,
        keypoints,
        np.array([number[id] for id in chosen["frame_id"].tolist()], np.int64),
        tuple("" if t < 0 else tracks[t] for t in chosen["track"].tolist()),
        points[..., :2] - shift,
        points[..., 2],
    )


def _points(rows: NDArray[Any]) -> NDArray[np.float64]:
    """x, y and score; a person's points have the score 1, those not visible are missing."""
    score = rows["score"] if "score" in (rows.dtype.names or ()) else np.ones(rows.shape)
    found = np.stack([rows["x"], rows["y"], score], axis=-1).astype(np.float64)
    found[~rows["visible"]] = np.nan
    return found
