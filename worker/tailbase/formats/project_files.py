"""A project of another program as it lies on disk, whichever program made it."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from tailbase.errors import PoseError
from tailbase.formats.cells import LABELED
from tailbase.formats.deeplabcut_h5 import read_deeplabcut_h5
from tailbase.formats.images import SUFFIXES
from tailbase.formats.match_frames import Crop
from tailbase.formats.pose_csv import read_pose_csv
from tailbase.formats.pose_table import PoseTable
from tailbase.schema import ImageRef, Labels

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v", ".wmv"})
MAX_FILES = 1_000_000
MAX_YAML_BYTES = 500_000
MAX_YAML_ALIASES = 1000


@dataclass(frozen=True)
class VideoFile:
    """`name` without folder and extension; `path` relative to the project."""

    name: str
    path: str
    recording: str
    view: str | None = None


@dataclass(frozen=True)
class Project:
    """What a reader found.

    Attributes:
        root: the folder that image and video paths are relative to.
        labels: of all label files; image paths as they lie under `root` where they exist.
        out_of_domain: labels to test on, of recordings unlike those of `labels`; their images are among `image_files`.
        image_files: the file of each image path that exists.
        crops: by video name, the part of the picture that images may have been cut to.
        unmatched_names: keypoints or animals that one file has and another lacks, as sentences.
    """

    format: str
    root: Path
    labels: Labels
    scorers: tuple[str, ...]
    image_files: dict[str, Path]
    videos: tuple[VideoFile, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    crops: dict[str, Crop] = field(default_factory=dict)
    calibrations: tuple[str, ...] = ()
    unmatched_names: tuple[str, ...] = ()
    out_of_domain: Labels | None = None
    warnings: tuple[dict[str, str], ...] = ()


def warning(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}


def read_table(path: Path) -> PoseTable:
    """Reads a label or prediction file of DeepLabCut or Lightning Pose, by its ending."""
    return read_deeplabcut_h5(path) if path.suffix.lower() in (".h5", ".hdf5") else read_pose_csv(path)


def within(path: Path, root: Path) -> bool:
    """Whether a path stays in the project when its links are followed."""
    return path.resolve().is_relative_to(root.resolve())


def link_warnings(root: Path) -> list[dict[str, str]]:
    """Files and folders of the project that lead out of it, which are passed over."""
    looked_at = [*root.iterdir(), *(root / LABELED).glob("*")]
    return [
        warning("project.link_outside", f"{path.relative_to(root)} leads out of the project and was passed over")
        for path in sorted(looked_at)[:MAX_FILES]
        if path.is_symlink() and not within(path, root)
    ][:100]


def walk(folder: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    """Files with these endings, sorted, without following links; at most `MAX_FILES` are looked at."""
    for here, folders, files in islice(os.walk(folder, followlinks=False), MAX_FILES):
        folders.sort()
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in suffixes:
                yield Path(here, name)


def find_videos(root: Path, views: Sequence[str] = ()) -> tuple[VideoFile, ...]:
    """Videos under `videos` (or a folder whose name begins so); `SESSION_VIEW` is taken apart for known views.

    A name that occurs twice is given with its folders.
    """
    paths = [
        path
        for folder in sorted(p for p in root.iterdir() if p.is_dir() and p.name.lower().startswith("video"))
        for path in walk(folder, VIDEO_SUFFIXES)
        if within(path, root)
    ]
    stems = Counter(path.stem for path in paths)
    found = []
    for path in paths:
        place = path.relative_to(root)
        # Cameras often name their files alike in a folder for each session.
        name = path.stem if stems[path.stem] == 1 else place.relative_to(place.parts[0]).with_suffix("").as_posix()
        recording, view = split_view(name, views)
        found.append(VideoFile(name, place.as_posix(), recording, view))
    return tuple(found)


def split_view(name: str, views: Sequence[str]) -> tuple[str, str | None]:
    """`session1_top` is recording session1 in view top, where top is a known view."""
    for view in views:
        if name.endswith(f"_{view}") and len(name) > len(view) + 1:
            return name.removesuffix(f"_{view}"), view
    return name, None


def recording_folder(path: str) -> str | None:
    """The folder an image lies in below `labeled-data`; None where images lie in that folder itself."""
    parent = PurePosixPath(path).parent
    return None if parent.name in ("", LABELED) else parent.name


def locate_images(labels: Labels, root: Path, beside: Path) -> tuple[Labels, dict[str, Path]]:
    """Finds the images under the project, or beside their label file where the project was renamed.

    Links that lead out of the project are not followed.
    """
    files: dict[str, Path] = {}
    refs: list[ImageRef] = []
    for ref in labels.images:
        for candidate in (root / ref.path, beside / PurePosixPath(ref.path).name):
            if candidate.is_file() and within(candidate, root):
                path = candidate.relative_to(root).as_posix()
                ref = ref.model_copy(update={"path": path})
                files[path] = candidate
                break
        refs.append(ref)
    return replace(labels, images=tuple(refs)), files


def unlabelled_images(project: Project) -> int:
    """Images in the project's `labeled-data` that no label file names."""
    folder = project.root / LABELED
    known = {path.resolve() for path in project.image_files.values()}
    return sum(path.resolve() not in known for path in walk(folder, SUFFIXES)) if folder.is_dir() else 0


class _PlainLoader(yaml.BaseLoader):
    """Everything is text, a list or a mapping, so nothing runs and a body part called `on` keeps its name."""

    aliases = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > MAX_YAML_ALIASES:
                raise yaml.YAMLError("too many aliases")
        return super().compose_node(parent, index)


def read_yaml(path: Path) -> dict[str, Any]:
    """A mapping of text, lists and mappings; raises `project.bad_yaml`."""
    if path.stat().st_size > MAX_YAML_BYTES:
        raise PoseError("project.bad_yaml", f"{path.name} is larger than {MAX_YAML_BYTES:,} bytes.")
    try:
        loaded = yaml.load(path.read_bytes(), Loader=_PlainLoader)  # noqa: S506 - builds text, lists and mappings only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        place = re.sub(r"\s+", " ", str(error))[:200]
        raise PoseError("project.bad_yaml", f"{path.name} is not YAML that can be read: {place}.") from error
    if not isinstance(loaded, dict):
        raise PoseError("project.bad_yaml", f"{path.name} does not hold settings.")
    return loaded


def texts(value: Any) -> list[str]:
    """The texts of a YAML list; nothing where it is no list."""
    return [item for item in value if isinstance(item, str) and item] if isinstance(value, list) else []
