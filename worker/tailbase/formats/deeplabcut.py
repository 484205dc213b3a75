"""Reads DeepLabCut projects: config.yaml and labeled-data/<video>/CollectedData_<scorer>.csv or .h5."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from tailbase.errors import PoseError
from tailbase.formats.cells import LABELED
from tailbase.formats.match_frames import Crop, parse_crop
from tailbase.formats.merge import merge_labels
from tailbase.formats.pose_table import PoseTable, check_name, table_labels
from tailbase.formats.project_files import (
    Project,
    find_videos,
    link_warnings,
    locate_images,
    read_table,
    read_yaml,
    recording_folder,
    texts,
    warning,
    within,
)
from tailbase.schema import Labels

MULTI = "MULTI!"
PATTERN = "CollectedData_*"

Warnings = list[dict[str, str]]


def is_deeplabcut(root: Path) -> bool:
    """Whether the folder is a DeepLabCut project, or one folder of its labelled images in .h5."""
    if next(_label_files(root), None) is not None:
        return True
    return _has_config(root) and "bodyparts" in read_yaml(root / "config.yaml")


def _has_config(root: Path) -> bool:
    return (root / "config.yaml").is_file() and within(root / "config.yaml", root)


def read_deeplabcut(root: Path, scorer: str | None = None) -> Project:
    """Reads a project folder.

    Labels of the scorer named (or else of config.yaml) come first; other scorers fill in the images that one has not
    labelled, and what is left out of theirs is reported.

    Raises:
        PoseError: `labels.none` without label files; otherwise as the readers of config.yaml, CSV and .h5.
    """
    config = read_yaml(root / "config.yaml") if _has_config(root) else {}
    warnings: Warnings = link_warnings(root)
    parts: list[Labels] = []
    files: dict[str, Path] = {}
    for path in _label_files(root):
        for labels in _labels_of_file(path, warnings):
            placed, found = locate_images(labels, root, path.parent)
            parts.append(_with_recordings(placed))
            files |= found
    if not parts:
        raise PoseError("labels.none", "The project has no CollectedData_<scorer>.csv or .h5 under labeled-data.")
    first = scorer or str(config.get("scorer", ""))
    parts.sort(key=lambda part: part.scorer != first)
    keypoints = config_keypoints(config)
    labels, left_out = merge_labels(parts, keypoints)
    if left_out:
        detail = (
            f"{len(left_out)} images have labels of another scorer too, which were left out; {labels.scorer} counts"
        )
        warnings.append(warning("labels.other_scorer", detail))
    return Project(
        format="deeplabcut",
        root=root,
        labels=labels,
        scorers=tuple(dict.fromkeys(part.scorer for part in parts)),
        image_files=files,
        videos=find_videos(root),
        edges=config_edges(config, labels.skeleton.names),
        crops=config_crops(config),
        unmatched_names=tuple(_unmatched(parts, keypoints)),
        warnings=tuple(warnings),
    )


def _label_files(root: Path) -> Iterator[Path]:
    """The CSV of each folder and scorer, or the .h5 where there is no CSV."""
    folders = [root, *sorted(p for p in (root / LABELED).glob("*") if p.is_dir())]
    for folder in folders:
        files = [path for path in sorted(folder.glob(PATTERN)) if within(path, root)]
        tables = {path.stem: path for path in files if path.suffix == ".h5"}
        tables |= {path.stem: path for path in files if path.suffix == ".csv"}
        yield from tables.values()


def _labels_of_file(path: Path, warnings: Warnings) -> Iterator[Labels]:
    table = read_table(path)
    twin = path.with_suffix(".h5")
    if path.suffix == ".csv" and twin.is_file():
        warnings.extend(_compare_twins(table, twin))
    for scorer in table.scorers:
        yield table_labels(table, scorer)
    warnings.extend(table.warnings)


def _compare_twins(table: PoseTable, twin: Path) -> Warnings:
    """DeepLabCut itself works with the .h5, so a CSV edited by hand may differ from it."""
    try:
        other = read_table(twin)
    except PoseError as error:
        return [warning(error.code, error.message)]
    same = (
        table.columns == other.columns
        and len(table.rows) == len(other.rows)
        and np.allclose(table.values, other.values, rtol=0, atol=1e-6, equal_nan=True)
    )
    detail = f"{table.source} in {twin.parent.name} differs from the .h5 beside it; the CSV was read"
    return [] if same else [warning("labels.twins_differ", detail)]


def _with_recordings(labels: Labels) -> Labels:
    refs = [ref.model_copy(update={"recording": recording_folder(ref.path)}) for ref in labels.images]
    return replace(labels, images=tuple(refs))


def config_keypoints(config: dict[str, Any]) -> list[str]:
    """Keypoints of config.yaml; none where it names none."""
    keypoints = texts(config.get("bodyparts"))
    if config.get("bodyparts") == MULTI:
        keypoints = texts(config.get("multianimalbodyparts")) + texts(config.get("uniquebodyparts"))
    for name in keypoints:
        check_name("config.yaml", name)
    return keypoints


def config_edges(config: dict[str, Any], names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The skeleton's edges between known keypoints."""
    rows = config.get("skeleton")
    pairs = [tuple(texts(row)) for row in rows] if isinstance(rows, list) else []
    edges = [(p[0], p[1]) for p in pairs if len(p) == 2 and p[0] != p[1] and set(p) <= set(names)]
    return tuple(dict.fromkeys(edges))


def config_crops(config: dict[str, Any]) -> dict[str, Crop]:
    """Crops by video name; paths may be those of another computer, Windows or not."""
    sets = config.get("video_sets")
    crops: dict[str, Crop] = {}
    for path, settings in sets.items() if isinstance(sets, dict) else ():
        if isinstance(path, str) and isinstance(settings, dict) and isinstance(settings.get("crop"), str):
            crops[PureWindowsPath(path.replace("/", "\\")).stem] = parse_crop(settings["crop"])
    return crops


def _unmatched(parts: list[Labels], configured: list[str]) -> Iterator[str]:
    labelled = dict.fromkeys(name for part in parts for name in part.skeleton.names)
    if configured:
        yield from (f"{name}: in the labels, not in config.yaml" for name in labelled if name not in configured)
        yield from (f"{name}: in config.yaml, not in the labels" for name in configured if name not in labelled)
