"""Writes DeepLabCut projects: config.yaml and labeled-data/<video>/CollectedData_<scorer>.csv with its images.

DeepLabCut trains from .h5; its own `deeplabcut.convertcsv2h5(config)` makes them from these CSV files.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import yaml

from tailbase.formats.atomic import write_text
from tailbase.formats.cells import LABELED
from tailbase.formats.export_files import Exported, Progress, copy_images
from tailbase.formats.images import image_size
from tailbase.formats.pose_csv_writer import UNIQUE, point_places, unique_and_shared, write_label_csv
from tailbase.formats.project_files import recording_folder, warning
from tailbase.schema import SINGLE, ImageRef, Labels, PointState


def export_deeplabcut(labels: Labels, image_files: Mapping[str, Path], folder: Path, progress: Progress) -> Exported:
    """Writes a project folder.

    Args:
        image_files: the file of each image path that exists.
        folder: is made; what it holds already stays, files of the same name are replaced.
    """
    exported = Exported()
    scorer = re.sub(r"[^A-Za-z0-9-]+", "-", labels.scorer).strip("-") or "scorer"
    several = labels.individuals != (SINGLE,)
    targets = _targets(labels)
    groups: dict[str, list[int]] = {}
    for row, ref in enumerate(labels.images):
        groups.setdefault(PurePosixPath(targets[ref.path]).parent.name, []).append(row)
    for group, rows in groups.items():
        refs = tuple(ImageRef(path=targets[labels.images[row].path]) for row in rows)
        part = replace(labels, images=refs, points=labels.points[rows], states=labels.states[rows], scorer=scorer)
        path = f"{LABELED}/{group}/CollectedData_{scorer}.csv"
        write_label_csv(part, folder / path, individuals=several, split_index=True, places=point_places(labels))
        exported.files.append(path)
    copy_images(targets, image_files, folder, exported, progress)
    _note_lost_states(labels, exported)
    crops = {group: _crop(labels.images[rows[0]].path, image_files) for group, rows in groups.items()}
    config = yaml.safe_dump(_config(labels, scorer, several, crops, folder), sort_keys=False)
    write_text(folder / "config.yaml", config)
    (folder / "videos").mkdir(exist_ok=True)
    exported.files.append("config.yaml")
    return exported


def _targets(labels: Labels) -> dict[str, str]:
    """Image paths as `labeled-data/<video>/<image>`, each once."""
    targets: dict[str, str] = {}
    taken: set[str] = set()
    for ref in labels.images:
        group = recording_folder(ref.path) or ref.video or ref.recording or "images"
        if ref.view and not group.endswith(f"_{ref.view}"):
            group = f"{group}_{ref.view}"
        name = PurePosixPath(ref.path)
        path, number = f"{LABELED}/{group}/{name.name}", 1
        while path in taken:
            number += 1
            path = f"{LABELED}/{group}/{name.stem}-{number}{name.suffix}"
        taken.add(path)
        targets[ref.path] = path
    return targets


def _note_lost_states(labels: Labels, exported: Exported) -> None:
    for state, said in ((PointState.OCCLUDED, "occluded"), (PointState.ABSENT, "absent")):
        if count := int(np.count_nonzero(labels.states == state)):
            detail = f"{count} points are marked {said}; DeepLabCut's files cannot say so"
            exported.warnings.append(warning("export.state_lost", detail))


def _crop(path: str, image_files: Mapping[str, Path]) -> str:
    width, height = image_size(image_files[path]) if path in image_files else (0, 0)
    return f"0, {width}, 0, {height}"


def _config(labels: Labels, scorer: str, several: bool, crops: Mapping[str, str], folder: Path) -> dict[str, Any]:
    names = labels.skeleton.names
    unique, shared = unique_and_shared(labels)
    videos = folder.resolve() / "videos"
    settings: dict[str, Any] = {
        "Task": "tailbase", "scorer": scorer, "date": "Jan1", "multianimalproject": several, "identity": None,
        "project_path": str(folder.resolve()), "engine": "pytorch",
        "video_sets": {str(videos / f"{group}.mp4"): {"crop": crop} for group, crop in crops.items()},
    }  # fmt: skip
    if several:
        settings |= {
            "individuals": [name for name in labels.individuals if not unique or name != UNIQUE],
            "uniquebodyparts": [names[k] for k in unique],
            "multianimalbodyparts": [names[k] for k in shared],
            "bodyparts": "MULTI!",
        }
    else:
        settings["bodyparts"] = list(names)
    return settings | {
        "start": 0, "stop": 1, "numframes2pick": 20, "skeleton": [list(edge) for edge in labels.skeleton.edges],
        "skeleton_color": "black", "pcutoff": 0.6, "dotsize": 12, "alphavalue": 0.7, "colormap": "rainbow",
        "TrainingFraction": [0.95], "iteration": 0, "default_net_type": "resnet_50", "default_augmenter": "default",
        "default_track_method": "ellipse", "snapshotindex": -1, "detector_snapshotindex": -1, "batch_size": 8,
        "detector_batch_size": 1, "cropping": False, "x1": 0, "x2": 640, "y1": 277, "y2": 624,
        "corner2move2": [50, 50], "move2corner": True,
    }  # fmt: skip
