"""Writes Lightning Pose projects: CollectedData.csv (or one for each view), project.yaml and labeled-data."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import yaml

from tailbase.errors import PoseError
from tailbase.formats.atomic import write_text
from tailbase.formats.cells import LABELED
from tailbase.formats.export_files import Exported, Progress, copy_images
from tailbase.formats.pose_csv_writer import write_label_csv
from tailbase.formats.project_files import recording_folder, split_view, warning
from tailbase.schema import ImageRef, Labels, PointState


def export_lightning_pose(
    labels: Labels, image_files: Mapping[str, Path], folder: Path, progress: Progress
) -> Exported:
    """Writes a project folder; with a `visible` column where a point is occluded or absent.

    Raises:
        PoseError: `labels.several_animals`; Lightning Pose knows one animal.
    """
    if len(labels.individuals) > 1:
        names = ", ".join(labels.individuals[:5])
        raise PoseError("labels.several_animals", f"Lightning Pose takes one animal; these labels have {names}.")
    exported = Exported()
    targets = {ref.path: _target(ref.path) for ref in labels.images}
    views = tuple(dict.fromkeys(ref.view for ref in labels.images))
    for view, part in _by_view(labels, views, targets, exported):
        path = f"CollectedData_{view}.csv" if view is not None else "CollectedData.csv"
        seen = bool(np.isin(part.states, [PointState.OCCLUDED, PointState.ABSENT]).any())
        write_label_csv(part, folder / path, individuals=False, split_index=False, visible=seen)
        exported.files.append(path)
    copy_images(targets, image_files, folder, exported, progress)
    settings = {"keypoint_names": list(labels.skeleton.names), "view_names": [view for view in views if view]}
    write_text(folder / "project.yaml", yaml.safe_dump(settings, sort_keys=False))
    (folder / "videos").mkdir(exist_ok=True)
    exported.files.append("project.yaml")
    return exported


def _target(path: str) -> str:
    return path if path.startswith(f"{LABELED}/") else f"{LABELED}/{path}"


def _by_view(
    labels: Labels, views: tuple[str | None, ...], targets: Mapping[str, str], exported: Exported
) -> list[tuple[str | None, Labels]]:
    """One set of labels for each view. Row N of every view is the same instant, as Lightning Pose expects."""
    if len(views) < 2:
        return [(view, _rows(labels, list(range(len(labels.images))), targets)) for view in views or (None,)]
    known = [view for view in views if view]
    instants: dict[tuple[str, str], dict[str | None, int]] = {}
    for row, ref in enumerate(labels.images):
        folder = ref.recording or split_view(recording_folder(ref.path) or "", known)[0]
        instants.setdefault((folder, PurePosixPath(ref.path).name), {})[ref.view] = row
    whole = [rows for rows in instants.values() if len(rows) == len(views)]
    lone = [rows for rows in instants.values() if len(rows) < len(views)]
    if lone:
        detail = f"{len(lone)} instants are labelled in some views only; their rows stand at the end"
        exported.warnings.append(warning("export.views_differ", detail))
    ordered = whole + lone
    return [(view, _rows(labels, [rows[view] for rows in ordered if view in rows], targets)) for view in views]


def _rows(labels: Labels, rows: list[int], targets: Mapping[str, str]) -> Labels:
    refs = tuple(ImageRef(path=targets[labels.images[row].path]) for row in rows)
    return replace(labels, images=refs, points=labels.points[rows], states=labels.states[rows])
