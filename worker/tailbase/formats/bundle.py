"""The import bundle: a project of another program, checked, in the form that Tailbase loads, with a report."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing, write_text
from tailbase.formats.bundle_images import browser_image
from tailbase.formats.images import image_size
from tailbase.formats.labels_parquet import write_labels
from tailbase.formats.match_frames import Match, Matches, frame_of, match_images
from tailbase.formats.project_files import Project, VideoFile, recording_folder, unlabelled_images, warning
from tailbase.formats.skeleton_json import write_skeleton
from tailbase.formats.skeleton_names import suggested_views
from tailbase.schema import ImageRef, Labels

MAX_VIDEOS_TO_SEARCH = 8
"""Images that no folder ties to a video are looked for in all videos, where there are at most so many."""
MAX_LISTED = 10_000

Progress = Callable[[str, int, int], None]


@dataclass
class Checked:
    """A project after its images were looked at.

    Attributes:
        labels: with video and frame number where an image was found in a video; points in full frames.
        cut: images that were cut from a larger frame, with their video and match.
    """

    labels: Labels
    matches: dict[str, tuple[VideoFile, Match]] = field(default_factory=dict)
    cut: dict[str, tuple[VideoFile, Match]] = field(default_factory=dict)
    size_mismatches: list[dict[str, Any]] = field(default_factory=list)
    sizes: Counter[str] = field(default_factory=Counter)
    warnings: list[dict[str, str]] = field(default_factory=list)


def check_project(project: Project, progress: Progress, match: bool = True) -> Checked:
    """Looks at every image, finds it in its video, and moves the points of cut images to the full frame."""
    checked = Checked(project.labels, warnings=list(project.warnings))
    readable = _measure(project, checked, progress)
    if match:
        for video in project.videos:
            _match_video(project, video, readable, checked, progress)
    _place_images(project, checked)
    return checked


def _measure(project: Project, checked: Checked, progress: Progress) -> dict[str, Path]:
    readable: dict[str, Path] = {}
    outside = []
    total = len(project.labels.images)
    for row, ref in enumerate(project.labels.images):
        if ref.path not in project.image_files:
            continue
        try:
            size = image_size(project.image_files[ref.path])
        except PoseError as error:
            checked.warnings.append(warning(error.code, f"{ref.path}: {error.message}"))
            continue
        readable[ref.path] = project.image_files[ref.path]
        checked.sizes[f"{size[0]}x{size[1]}"] += 1
        points = project.labels.points[row]
        if ((points < -0.5) | (points > np.array(size) - 0.5)).any():
            outside.append(ref.path)
        if row % 50 == 49 or row + 1 == total:
            progress("images", row + 1, total)
    if outside:
        listed = ", ".join(outside[:5])
        checked.warnings.append(
            warning("labels.outside_image", f"{len(outside)} images have points outside the picture: {listed}")
        )
    return readable


def _match_video(
    project: Project, video: VideoFile, images: Mapping[str, Path], checked: Checked, progress: Progress
) -> None:
    names = {other.name for other in project.videos}
    few = len(project.videos) <= MAX_VIDEOS_TO_SEARCH
    wanted = {}
    for path, file in images.items():
        folder = recording_folder(path)
        if path not in checked.matches and (folder == video.name or (folder not in names and few)):
            wanted[path] = file
    if not wanted:
        return
    try:
        matches = match_images(
            wanted,
            project.root / video.path,
            project.crops.get(video.name),
            lambda done, total: progress(f"matching {video.name}", done, total),
        )
    except PoseError as error:
        checked.warnings.append(warning(error.code, f"{video.path}: {error.message}"))
        return
    checked.matches |= {path: (video, found) for path, found in matches.found.items()}
    _note_unmatched(video, wanted, matches, checked)


def _note_unmatched(video: VideoFile, wanted: Mapping[str, Path], matches: Matches, checked: Checked) -> None:
    own = {path for path in wanted if recording_folder(path) == video.name}
    for path in sorted(own & set(matches.wrong_size)):
        size = list(matches.wrong_size[path])
        checked.size_mismatches.append(
            {"image": path, "size": size, "video": video.name, "video_size": list(matches.video_size)}
        )
    if lost := sorted(own - set(matches.found) - set(matches.wrong_size)):
        listed = ", ".join(lost[:5])
        checked.warnings.append(
            warning("images.not_in_video", f"{len(lost)} images show no frame of {video.path}: {listed}")
        )


def _place_images(project: Project, checked: Checked) -> None:
    """Writes what was found into the image references; a frame of a video belongs to one image only."""
    points = project.labels.points.copy()
    taken: set[tuple[str, int]] = set()
    refs: list[ImageRef] = []
    for row, ref in enumerate(project.labels.images):
        if ref.path in checked.matches:
            video, match = checked.matches[ref.path]
            if (video.name, match.frame_index) in taken:
                detail = f"{ref.path} shows the same frame of {video.name} as another image; it was not tied to it"
                checked.warnings.append(warning("images.same_frame", detail))
                del checked.matches[ref.path]
            else:
                taken.add((video.name, match.frame_index))
                if match.cropped:
                    points[row] += project.crops[video.name][0], project.crops[video.name][2]
                    checked.cut[ref.path] = video, match
                ref = _tied(ref, video, match)
        refs.append(ref)
    checked.labels = replace(project.labels, images=tuple(refs), points=points)


def _tied(ref: ImageRef, video: VideoFile, match: Match) -> ImageRef:
    found = {"video": video.name, "frame_index": match.frame_index, "recording": video.recording}
    return ref.model_copy(update=found | ({"view": video.view} if video.view else {}))


def report(project: Project, checked: Checked) -> dict[str, Any]:
    """What a person should know before the import; every list is bounded."""
    labels = checked.labels
    missing = [ref.path for ref in project.labels.images if ref.path not in project.image_files]
    return {
        "format": project.format,
        "scorers": list(project.scorers),
        "frames": len(labels.images),
        "points": int(np.count_nonzero(labels.states)),
        "individuals": list(labels.individuals),
        "keypoints": list(labels.skeleton.names),
        "videos": len(project.videos),
        "out_of_domain": len(_out_of_domain(project)),
        "missing_images": missing[:MAX_LISTED],
        "unmatched_names": list(project.unmatched_names),
        "size_mismatches": checked.size_mismatches[:MAX_LISTED],
        "image_sizes": dict(checked.sizes.most_common(100)),
        "crop_offsets": {path: list(_offset(project, video)) for path, (video, _) in checked.cut.items()},
        "matched_frames": {
            path: {"video": video.name, "frame_index": match.frame_index, "difference": match.difference}
            for path, (video, match) in checked.matches.items()
        },
        "unlabelled_images": unlabelled_images(project),
        "calibrations": list(project.calibrations),
        "suggested_views": suggested_views(labels.skeleton.names),
        "warnings": checked.warnings[:MAX_LISTED],
    }


def _out_of_domain(project: Project) -> list[str]:
    return [] if project.out_of_domain is None else [ref.path for ref in project.out_of_domain.images]


def _offset(project: Project, video: VideoFile) -> tuple[int, int]:
    return project.crops[video.name][0], project.crops[video.name][2]


def write_bundle(project: Project, checked: Checked, folder: Path, progress: Progress) -> None:
    """Writes labels.parquet, skeleton.json, videos.json, report.json, images, and what browsers show of them.

    out_of_domain.json names the images whose labels are only to be tested on.
    """
    shown: dict[str, Any] = {}
    for number, (path, source) in enumerate(project.image_files.items()):
        target = folder / "images" / path
        with replacing(target) as part:
            if path in checked.cut:
                video, match = checked.cut[path]
                full = Image.fromarray(frame_of(project.root / video.path, match.frame_index))
                full.save(part, format="PNG")
            else:
                shutil.copyfile(source, part)
        if (image := browser_image(path, folder)) is not None:
            shown[path] = image
        progress("copying images", number + 1, len(project.image_files))
    write_labels(checked.labels, folder / "labels.parquet")
    write_skeleton(checked.labels.skeleton, folder / "skeleton.json")
    _write_json([vars(video) for video in project.videos], folder / "videos.json")
    _write_json(_out_of_domain(project), folder / "out_of_domain.json")
    _write_json(report(project, checked), folder / "report.json")
    _write_json(shown, folder / "images.json")


def _write_json(value: Any, path: Path) -> None:
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")
