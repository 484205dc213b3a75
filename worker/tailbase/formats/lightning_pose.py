"""Reads Lightning Pose projects: CollectedData.csv, or CollectedData_<view>.csv for each of several cameras."""

from dataclasses import replace
from pathlib import Path

from tailbase.errors import PoseError
from tailbase.formats.merge import merge_labels
from tailbase.formats.pose_csv import looks_like_pose_csv, read_pose_csv
from tailbase.formats.pose_table import check_name, table_labels
from tailbase.formats.project_files import (
    Project,
    find_videos,
    link_warnings,
    locate_images,
    read_yaml,
    recording_folder,
    split_view,
    texts,
    warning,
    within,
)
from tailbase.schema import Labels

OUT_OF_DOMAIN = "new"
"""Ending of files with labels of recordings unlike the others, on which Lightning Pose only tests."""

HELD_OUT = (OUT_OF_DOMAIN, "test")
"""Endings of label files that Lightning Pose only tests on."""


def is_lightning_pose(root: Path) -> bool:
    return bool(_tables(root))


def read_lightning_pose(root: Path) -> Project:
    """Reads a project folder; each camera's labels carry its name as their view.

    Of the files that Lightning Pose only tests on, those ending `_new` are read as labels out of domain; the others are
    named in the warnings and not read.

    Raises:
        PoseError: `labels.none` without label files; otherwise as the readers of YAML and CSV.
    """
    settings = root / "project.yaml"
    config = read_yaml(settings) if settings.is_file() and within(settings, root) else {}
    files, held_out = _label_files(root)
    apart = [path for path in held_out if path.stem.endswith(f"_{OUT_OF_DOMAIN}")]
    warnings = link_warnings(root)
    unread = [path for path in held_out if path not in apart]
    warnings += [warning("project.held_out_labels", f"{path.name} is a test set and was not read") for path in unread]
    if not files:
        raise PoseError("labels.none", "The project has no CollectedData.csv.")
    views = texts(config.get("view_names")) or ([_suffix(path) for path in files] if len(files) > 1 else [])
    parts, images, told = _read(root, files, views)
    tests, more, told_of_tests = _read(root, apart, views)
    warnings += told + told_of_tests
    keypoints = texts(config.get("keypoint_names"))
    for name in keypoints:
        check_name("project.yaml", name)
    labels, left_out = merge_labels(parts, keypoints)
    if left_out:
        warnings.append(warning("labels.other_scorer", f"{len(left_out)} images occur twice; the first one counts"))
    return Project(
        format="lightning-pose",
        root=root,
        labels=labels,
        scorers=tuple(dict.fromkeys(part.scorer for part in parts)),
        out_of_domain=_apart(tests, labels),
        image_files=more | images,
        videos=find_videos(root, views),
        calibrations=_calibrations(root),
        unmatched_names=tuple(_unmatched(parts, keypoints)),
        warnings=tuple(warnings),
    )


def _read(
    root: Path, files: list[Path], views: list[str]
) -> tuple[list[Labels], dict[str, Path], list[dict[str, str]]]:
    """The labels of each file and scorer, the images there are, and warnings."""
    parts: list[Labels] = []
    images: dict[str, Path] = {}
    warnings: list[dict[str, str]] = []
    for path in files:
        table = read_pose_csv(path)
        for scorer in table.scorers:
            labels, found = locate_images(table_labels(table, scorer), root, path.parent)
            parts.append(_placed(labels, views, _suffix(path)))
            images |= found
        warnings += table.warnings
    return parts, images, warnings


def _apart(tests: list[Labels], labels: Labels) -> Labels | None:
    """The labels of images that are not among the others."""
    if not tests:
        return None
    merged, _ = merge_labels(tests, labels.skeleton.names)
    known = {ref.path for ref in labels.images}
    rows = [row for row, ref in enumerate(merged.images) if ref.path not in known]
    images = tuple(merged.images[row] for row in rows)
    return replace(merged, images=images, points=merged.points[rows], states=merged.states[rows])


def _label_files(root: Path) -> tuple[list[Path], list[Path]]:
    """Label files to read; beside a CollectedData.csv, which has all views there are, every other one is a test set."""
    found = _tables(root)
    one = [path for path in found if path.name == "CollectedData.csv"]
    held_out = [path for path in found if path.stem.rpartition("_")[2] in HELD_OUT or (one and path not in one)]
    return [path for path in found if path not in held_out], held_out


def _tables(root: Path) -> list[Path]:
    return [
        path for path in sorted(root.glob("CollectedData*.csv")) if within(path, root) and looks_like_pose_csv(path)
    ]


def _suffix(path: Path) -> str:
    """What tells label files apart: a camera's name; labels out of domain have their camera's."""
    return path.stem.removeprefix("CollectedData").removesuffix(f"_{OUT_OF_DOMAIN}").lstrip("_")


def _placed(labels: Labels, views: list[str], suffix: str) -> Labels:
    """Images with their view, and with their folder as recording, without the view in its name."""
    view = suffix if suffix in views else None
    refs = []
    for ref in labels.images:
        folder = recording_folder(ref.path)
        recording = split_view(folder, views)[0] if folder else None
        refs.append(ref.model_copy(update={"recording": recording, "view": view}))
    return replace(labels, images=tuple(refs))


def _calibrations(root: Path) -> tuple[str, ...]:
    found = [*root.glob("calibration.toml"), *(root / "calibrations").glob("*.toml")]
    return tuple(path.relative_to(root).as_posix() for path in sorted(found))


def _unmatched(parts: list[Labels], configured: list[str]) -> list[str]:
    """Keypoints that only some views or the settings have."""
    everywhere = [set(part.skeleton.names) for part in parts] + ([set(configured)] if configured else [])
    partly = set[str]().union(*everywhere) - everywhere[0].intersection(*everywhere[1:])
    return [f"{name}: not in all label files" for name in sorted(partly)]
