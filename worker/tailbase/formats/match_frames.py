"""Finds the frame of a video that a labelled image shows, by its pixels.

File names often hold a frame number, but it may count from 1, from a clip's start, or be the number of a chosen frame;
so each image is compared with every frame. One pass over the video compares small grey pictures and keeps the few
nearest frames of each image; those are then compared at full size.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tailbase.errors import PoseError
from tailbase.formats.images import image_size, read_image

THUMBNAIL = (64, 48)
CANDIDATES = 8
IMAGES_A_PASS = 1000
BLOCK = 16
"""Pixels of a square within which compression noise averages out but a moved limb does not."""
MAX_DIFFERENCE = 8.0
"""Largest mean difference, in grey levels of 255, of an image from its own frame after lossy compression."""
MAX_BLOCK_DIFFERENCE = 16.0
MAX_PEAK = 64
"""Largest difference of one pixel of the small pictures for which a look at full size is worth while."""

Crop = tuple[int, int, int, int]
"""x from, x to, y from, y to, as DeepLabCut writes it."""


@dataclass(frozen=True)
class Match:
    """The frame an image shows, and the mean absolute difference in grey levels (0 to 255)."""

    frame_index: int
    difference: float
    cropped: bool = False


@dataclass(frozen=True)
class Matches:
    """What was found in one video; `wrong_size` maps images that cannot be of it to their width and height."""

    found: dict[str, Match]
    wrong_size: dict[str, tuple[int, int]]
    video_size: tuple[int, int]


def match_images(
    images: Mapping[str, Path], video: Path, crop: Crop | None, progress: Callable[[int, int], None]
) -> Matches:
    """Looks for each image among all frames of a video.

    Args:
        images: files by the name used in the answer.
        crop: the part of the picture the images may have been cut to; images of the full size are looked for too.
        progress: called with frames done and frames in all.

    Raises:
        PoseError: `video.*` where the video cannot be read.
    """
    from tailbase.video.reader import open_video

    with open_video(video) as reader:
        full = reader.width, reader.height
        cut = (crop[1] - crop[0], crop[3] - crop[2]) if crop and _inside(crop, full) else full
        groups: dict[bool, dict[str, Path]] = {False: {}, True: {}}
        wrong: dict[str, tuple[int, int]] = {}
        for name, path in images.items():
            size = image_size(path)
            if size not in (full, cut):
                wrong[name] = size
            else:
                groups[size != full][name] = path
        found: dict[str, Match] = {}
        for cropped, group in groups.items():
            names = list(group)
            for start in range(0, len(names), IMAGES_A_PASS):
                part = {name: group[name] for name in names[start : start + IMAGES_A_PASS]}
                found |= _match_part(reader, part, crop if cropped else None, progress)
    return Matches(found, wrong, full)


def _inside(crop: Crop, size: tuple[int, int]) -> bool:
    return 0 <= crop[0] < crop[1] <= size[0] and 0 <= crop[2] < crop[3] <= size[1]


def _match_part(
    reader: Any, images: Mapping[str, Path], crop: Crop | None, progress: Callable[[int, int], None]
) -> dict[str, Match]:
    names = list(images)
    nearest = _nearest_frames(reader, [_thumbnail(read_image(images[name])) for name in names], crop, progress)
    wanted: dict[int, list[str]] = {}
    for name, frames in zip(names, nearest, strict=True):
        for index in {*frames, *_hints(name, reader.frame_count)}:
            wanted.setdefault(index, []).append(name)
    best: dict[str, Match] = {}
    for index, picture in reader.frames_at(wanted):
        grey = _grey(_cut(picture, crop))
        for name in wanted[index]:
            difference, block = _difference(_grey(read_image(images[name])), grey)
            if difference > MAX_DIFFERENCE or block > MAX_BLOCK_DIFFERENCE:
                continue
            if name not in best or _rank(name, index, difference) < _rank(name, *_of(best[name])):
                best[name] = Match(index, round(difference, 3), crop is not None)
    return best


def _of(match: Match) -> tuple[int, float]:
    return match.frame_index, match.difference


def _rank(name: str, index: int, difference: float) -> tuple[float, bool, int]:
    """Nearest first; of frames that look the same, the one the file name speaks of, then the earliest."""
    return round(difference, 3), index not in _numbers(name), index


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,9}", Path(name).stem)]


def _hints(name: str, frame_count: int) -> list[int]:
    return [number for number in _numbers(name) if number < frame_count]


def _nearest_frames(
    reader: Any, thumbnails: Sequence[NDArray[np.int16]], crop: Crop | None, progress: Callable[[int, int], None]
) -> list[list[int]]:
    """For each thumbnail the numbers of the few frames most like it, in one pass."""
    stack = np.stack(thumbnails)
    distance = np.full((len(stack), CANDIDATES), np.inf)
    index = np.full((len(stack), CANDIDATES), -1, dtype=np.int64)
    everyone = np.arange(len(stack))
    for number, picture in enumerate(reader.frames(size=None if crop else THUMBNAIL)):
        apart = np.abs(stack - _thumbnail(_cut(picture, crop)))
        now = np.where(apart.max(axis=1) > MAX_PEAK, np.inf, apart.mean(axis=1))
        worst = distance.argmax(axis=1)
        nearer = now < distance[everyone, worst]
        distance[nearer, worst[nearer]] = now[nearer]
        index[nearer, worst[nearer]] = number
        if number % 100 == 99 or number + 1 == reader.frame_count:
            progress(number + 1, reader.frame_count)
    return [[int(i) for i in row if i >= 0] for row in index]


def _cut(picture: NDArray[np.uint8], crop: Crop | None) -> NDArray[np.uint8]:
    return picture if crop is None else picture[crop[2] : crop[3], crop[0] : crop[1]]


def _thumbnail(picture: NDArray[np.uint8]) -> NDArray[np.int16]:
    small = picture
    if picture.shape[:2] != THUMBNAIL[::-1]:
        small = np.asarray(Image.fromarray(np.ascontiguousarray(picture)).resize(THUMBNAIL, Image.Resampling.BOX))
    return np.asarray(small.mean(axis=2), dtype=np.int16).ravel()


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(picture.mean(axis=2, dtype=np.float32))


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[float, float]:
    """Mean absolute difference, and the largest difference of the mean grey of a block."""
    delta = one - other
    rows, columns = (np.arange(0, length, BLOCK) for length in delta.shape)
    sums = np.add.reduceat(np.add.reduceat(delta, rows, axis=0), columns, axis=1)
    heights, widths = np.diff([*rows, delta.shape[0]]), np.diff([*columns, delta.shape[1]])
    # A sliver at the border averages too few pixels to tell noise from movement.
    weights = np.maximum(np.outer(heights, widths), BLOCK * BLOCK / 4)
    return float(np.abs(delta).mean()), float(np.abs(sums / weights).max())


def frame_of(video: Path, index: int) -> NDArray[np.uint8]:
    """One full frame, for an image that was cut from it."""
    from tailbase.video.reader import open_video

    with open_video(video) as reader:
        picture: NDArray[np.uint8] = reader.frame(index)
        return picture


def parse_crop(text: str) -> Crop:
    """Reads DeepLabCut's ``x1, x2, y1, y2``; raises `project.bad_crop`."""
    parts = text.split(",")
    if len(parts) != 4 or not all(re.fullmatch(r"\s*\d{1,6}\s*", part) for part in parts):
        raise PoseError(
            "project.bad_crop", f"The crop {text[:60]!r} in config.yaml must be four numbers x1, x2, y1, y2."
        )
    x1, x2, y1, y2 = (int(part) for part in parts)
    return x1, x2, y1, y2
