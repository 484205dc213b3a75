"""Compares a smoothed track with a person's labels of the same video, and widens its intervals where need be."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.project import load_labels
from tailbase.schema import ImageRef, Labels, PointState
from tailbase.smoothing.intervals import Recalibration, recalibrate
from tailbase.smoothing.tables import TrackTable

Floats = NDArray[np.float64]


def recalibrate_table(table: TrackTable, source: Path, video: str | None = None) -> Recalibration:
    """Widen the posterior variances of a table, in place, so that its intervals hold the labels as they promise.

    Args:
        source: labels as a project folder, CSV, .h5 or labels.parquet.
        video: takes only images of this video or folder; needed where labels are of several.

    Raises:
        PoseError: smoothing.labels, where labels and track have no frame or keypoint in common.
    """
    labels = load_labels(source)[0]
    frames, rows = _frames(labels, video, table)
    errors, variance = _errors(table, labels, frames, rows)
    if not np.isfinite(errors).any():
        raise PoseError("smoothing.labels", f"No keypoint of {source.name} is both labelled and smoothed.")
    found = recalibrate(errors, variance)
    for column in ("x_posterior_var", "y_posterior_var"):
        table.values[:, table.columns.index(column)] *= found.scale[:, None].astype(np.float32)
    return found


def _frames(labels: Labels, video: str | None, table: TrackTable) -> tuple[list[int], list[int]]:
    """Labelled frames of the video within the track, counted from its first, and their rows in the labels."""
    of_video = [(row, ref) for row, ref in enumerate(labels.images) if video is None or video in _sources(ref)]
    folders = {ref.video or ref.recording or ref.path.rpartition("/")[0] for _, ref in of_video}
    if len(folders) > 1:
        raise PoseError(
            "smoothing.labels",
            f"The labels are of several videos ({', '.join(sorted(folders)[:5])}); choose with --labels-video.",
        )
    numbered = [(number, row) for row, ref in of_video if (number := _frame_number(ref)) is not None]
    inside = [(n - table.axis.first, row) for n, row in numbered if 0 <= n - table.axis.first < table.axis.frames]
    if not inside:
        raise PoseError("smoothing.labels", "None of the labelled images is a frame of the smoothed video.")
    return [frame for frame, _ in inside], [row for _, row in inside]


def _sources(ref: ImageRef) -> set[str]:
    return {ref.video or "", ref.recording or "", ref.path.rpartition("/")[0].rpartition("/")[2]} - {""}


def _frame_number(ref: ImageRef) -> int | None:
    if ref.frame_index is not None:
        return ref.frame_index
    digits = re.findall(r"\d+", Path(ref.path).stem)
    return int(digits[-1]) if digits else None


def _errors(table: TrackTable, labels: Labels, frames: list[int], rows: list[int]) -> tuple[Floats, Floats]:
    shape = (len(frames), len(table.names), 2)
    errors, variance = np.full(shape, np.nan), np.full(shape, np.nan)
    animals = table.individuals()
    for place, name in enumerate(table.names):
        animal, keypoint = name.split("/", 1) if animals else (labels.individuals[0], name)
        if keypoint not in labels.skeleton.names or animal not in labels.individuals:
            continue
        i, k = labels.individuals.index(animal), labels.skeleton.names.index(keypoint)
        seen = labels.states[rows, i, k] == PointState.VISIBLE
        truth = np.where(seen[:, None], labels.points[rows, i, k], np.nan)
        values = np.asarray(table.values[place], np.float64)[:, frames].T
        errors[:, place] = values[:, :2] - truth
        variance[:, place] = values[:, -2:]
    return errors, variance
