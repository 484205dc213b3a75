"""Boxes of pixels: cutting them out, where animals' boxes lie in a picture, and how they move through a video."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tailbase.errors import PoseError
from tailbase.schema import Crop

STEP = 8
"""Sides of boxes are multiples of it."""

REACH = 64
"""Frames on both sides that decide where the box of a frame lies."""

_STEADY = 4
_LONGEST_GAP = REACH - _STEADY
_CHUNK = 8192
_LIKELY = 0.2
_LEAST_SHARE, _LEAST_SIDE = 1 / 16, 32
_MOST_ANIMALS = 95.0
_SAME_ANIMAL = 0.75

Sizes = tuple[tuple[int, int], ...]
"""Width and height of each individual's box."""


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels, `x`, `y` its top-left one. It may reach beyond the picture, which is black there."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def around(cls, centre: Sequence[float] | NDArray[np.float64], width: int, height: int) -> "Box":
        return cls(round(float(centre[0]) - (width - 1) / 2), round(float(centre[1]) - (height - 1) / 2), width, height)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + (self.width - 1) / 2, self.y + (self.height - 1) / 2


def box_of(crop: Crop | None, height: int, width: int, what: str) -> Box:
    """The part of a picture of that size that is looked at.

    Errors:
        crop.outside: the crop reaches beyond the picture.
    """
    if crop is None:
        return Box(0, 0, width, height)
    if crop.x + crop.width > width or crop.y + crop.height > height:
        message = f"The crop reaches beyond {what}, which has {width} x {height} pixels. Draw it again."
        raise PoseError("crop.outside", message)
    return Box(crop.x, crop.y, crop.width, crop.height)


def cut(images: UInt8[Tensor, "*batch 3 height width"], box: Box) -> UInt8[Tensor, "*batch 3 h w"]:
    """The pixels of a box, black outside of the picture."""
    height, width = images.shape[-2:]
    left, top = max(-box.x, 0), max(-box.y, 0)
    right, below = max(box.x + box.width - width, 0), max(box.y + box.height - height, 0)
    inside = images[
        ..., max(box.y, 0) : max(box.y + box.height, 0), max(box.x, 0) : max(box.x + box.width, 0)
    ]  # fmt: skip
    if not (left or top or right or below):
        return inside
    if not inside.numel():
        return images.new_zeros((*images.shape[:-2], box.height, box.width))
    return functional.pad(inside, [left, right, top, below])


def box_sizes(
    points: Float[NDArray[np.float64], "image individual keypoint 2"], margin: float, input_size: tuple[int, int],
    longest_side: int,
) -> Sizes:  # fmt: skip
    """The box of each individual, in the shape of an input of `input_size`, that holds nearly all its labelled poses.

    Args:
        margin: added on each side, as a share of the box.
        longest_side: of the pictures; boxes are not smaller than a sixteenth of it.
    """
    aspect = input_size[1] / input_size[0]
    heights = _heights(points, aspect)
    usual = float(np.nanpercentile(heights, _MOST_ANIMALS)) if np.isfinite(heights).any() else 0.0
    sizes = []
    for column in heights.T:
        known = column[np.isfinite(column)]
        height = float(np.percentile(known, _MOST_ANIMALS)) if len(known) else usual
        height = max(height * (1 + 2 * margin), longest_side * _LEAST_SHARE, _LEAST_SIDE)
        sizes.append((_stepped(height * aspect), _stepped(height)))
    return tuple(sizes)


def _heights(points: NDArray[np.float64], aspect: float) -> Float[NDArray[np.float64], "image individual"]:
    """Of the lowest box of that aspect around each animal; NaN where none is labelled."""
    sides = extents(points)
    return np.asarray(np.maximum(sides[..., 1], sides[..., 0] / aspect))


def extents(points: Float[NDArray[np.float64], "*any keypoint 2"]) -> Float[NDArray[np.float64], "*any 2"]:
    """Width and height of the smallest rectangle around each animal's points; NaN where there are none."""
    low, high = _extremes(points)
    return high - low


def _stepped(side: float) -> int:
    return max(STEP, int(np.ceil(side / STEP)) * STEP)


def middles(points: Float[NDArray[np.float64], "*any keypoint 2"]) -> Float[NDArray[np.float64], "*any 2"]:
    """Middle of the smallest rectangle around each animal's points; NaN where there are none."""
    low, high = _extremes(points)
    return (low + high) / 2


def _extremes(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = np.isfinite(points)
    low = np.where(known, points, np.inf).min(-2)
    high = np.where(known, points, -np.inf).max(-2)
    return np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan)


def found_middles(
    points: Float[NDArray[np.floating], "frame individual keypoint 2"],
    likelihood: Float[NDArray[np.floating], "frame individual keypoint"],
    sizes: Sizes,
) -> Float[NDArray[np.float64], "frame individual 2"]:
    """Where a coarse network sees each animal: the middle of its likely points; NaN where none is likely.

    Points farther from the animal's median point than it is long are mistakes, and do not count.
    """
    likely = np.where(likelihood[..., None] >= _LIKELY, points, np.nan).astype(np.float64)
    known = np.isfinite(likely)
    order = np.sort(likely, axis=-2)  # NaN last
    at = np.maximum(known.sum(-2) - 1, 0)[..., None, :] // 2
    median = np.take_along_axis(order, at, -2)
    far = np.abs(likely - median) > _SAME_ANIMAL * np.array(sizes, np.float64)[:, None, :]
    return middles(np.where(far.any(-1, keepdims=True), np.nan, likely))


def steady(
    centres: Float[NDArray[np.float64], "frame individual 2"], nowhere: tuple[float, float]
) -> Float[NDArray[np.float64], "frame individual 2"]:
    """Smoothed by a running median over nine frames, and short gaps bridged.

    A frame's result depends on the `REACH` frames before and after it alone, so that a video in segments gives the
    boxes of the whole one. Where nothing is known so near, the box lies at `nowhere`.
    """
    padded = np.pad(centres, [(_STEADY, _STEADY), (0, 0), (0, 0)], constant_values=np.nan)
    smooth = np.empty_like(centres)
    for start in range(0, len(centres), _CHUNK):
        some = padded[start : start + _CHUNK + 2 * _STEADY]
        smooth[start : start + _CHUNK] = _median(sliding_window_view(some, 2 * _STEADY + 1, axis=0))
    for which in range(centres.shape[1]):
        smooth[:, which] = _bridged(smooth[:, which], np.array(nowhere))
    return smooth


def _median(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the last axis without NaN, the mean of the two middle values where they are even in number."""
    order = np.sort(windows, axis=-1)
    counts = np.isfinite(windows).sum(-1, keepdims=True)
    low = np.take_along_axis(order, np.maximum(counts - 1, 0) // 2, -1)
    high = np.take_along_axis(order, np.minimum(counts // 2, windows.shape[-1] - 1), -1)
    return np.asarray(np.where(counts > 0, (low + high) / 2, np.nan)[..., 0])


def _bridged(track: Float[NDArray[np.float64], "frame 2"], nowhere: NDArray[np.float64]) -> NDArray[np.float64]:
    """Straight from the last known place to the next; at the only one that is near enough where there is one."""
    frames = np.arange(len(track))
    known = np.flatnonzero(np.isfinite(track[:, 0]))
    if not len(known):
        return np.tile(nowhere, (len(track), 1))
    after = np.searchsorted(known, frames)
    before = known[np.maximum(np.searchsorted(known, frames, side="right") - 1, 0)]
    behind = known[np.minimum(after, len(known) - 1)]
    since, until = frames - before, behind - frames
    has_before, has_behind = (since >= 0) & (since <= _LONGEST_GAP), (until >= 0) & (until <= _LONGEST_GAP)
    share = np.where(has_before & has_behind, since / np.maximum(since + until, 1), np.where(has_before, 0.0, 1.0))
    placed = track[before] * (1 - share[:, None]) + track[behind] * share[:, None]
    return np.where((has_before | has_behind)[:, None], placed, nowhere)
