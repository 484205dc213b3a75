"""Reads the analysis files (HDF5) that SLEAP exports: one track of points an animal."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.hdf5_tables import is_stored_here, read_table
from tailbase.formats.skeleton_names import describe
from tailbase.schema import SINGLE, Keypoint, Predictions, Skeleton


def is_sleap_analysis(path: Path) -> bool:
    """Whether an HDF5 file has the two tables that only SLEAP's analysis files have."""
    try:
        with h5py.File(path, "r", locking=False) as file:
            return all(is_stored_here(file, name) for name in ("tracks", "node_names"))
    except OSError:
        return False


def read_sleap_analysis(path: Path, frames_per_second: float = 1.0) -> Predictions:
    """Predictions of one video.

    Raises:
        PoseError: `predictions.damaged`, where the tables do not belong together or are not stored in the file itself.
    """
    try:
        with h5py.File(path, "r", locking=False) as file:
            nodes = _texts(read_table(file, "node_names"))
            points = np.moveaxis(read_table(file, "tracks").astype(np.float32), (0, 1, 2, 3), (1, 3, 2, 0))
            scores = read_table(file, "point_scores") if "point_scores" in file else None
            tracks = _texts(read_table(file, "track_names")) if "track_names" in file else ()
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    except (OSError, KeyError, RuntimeError, TypeError) as error:
        raise _damaged(path, f"{type(error).__name__}") from error
    frames, animals, keypoints, _ = points.shape
    if keypoints != len(nodes) or (scores is not None and scores.shape != (animals, keypoints, frames)):
        raise _damaged(path, "its tables have different sizes")
    names = (SINGLE,) if animals == 1 else tracks if len(tracks) == animals else tuple(map(str, range(animals)))
    seen = np.isfinite(points).all(axis=-1)
    given = seen.astype(np.float32) if scores is None else np.moveaxis(scores, 2, 0).astype(np.float32)
    likelihood = np.where(seen, np.clip(np.nan_to_num(given), 0.0, 1.0), 0.0).astype(np.float32)
    times = np.arange(frames) / frames_per_second
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=name) for name in nodes))
    read = Predictions(skeleton, names, points, likelihood, times, {"scorer": "SLEAP"})
    return replace(read, skeleton=describe(read.skeleton.names))


def _damaged(path: Path, why: str) -> PoseError:
    return PoseError(
        "predictions.damaged", f"{path.name} is no readable analysis file of SLEAP ({why}). Export it again."
    )


def _texts(values: NDArray[Any]) -> tuple[str, ...]:
    return tuple(value.decode() if isinstance(value, bytes) else str(value) for value in values.reshape(-1).tolist())
