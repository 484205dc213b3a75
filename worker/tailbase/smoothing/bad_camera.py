"""Names the camera that does not agree with its calibration.

Each camera is left out in turn: points triangulated from the others are projected into it. A camera that was moved, or
whose calibration is another's, is missed by many pixels, and without it the others agree.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.smoothing.cameras import Cameras, project, triangulate

Floats = NDArray[np.float64]

MAX_FRAMES = 300
WORSE = 4.0
"""A bad camera is missed by this many times what the others disagree by without it..."""
IMPROVES = 2.0
"""...and that disagreement is this many times smaller than without any other camera."""
MIN_PIXELS = 10.0
"""Smaller contradictions are those of careful labels and good calibrations."""


@dataclass(frozen=True)
class CameraCheck:
    """Median errors in px, one a camera; NaN where too little is seen.

    Attributes:
        left_out: how far the camera sees points from where the others say they are.
        others: how far the other cameras disagree among themselves without it.
        bad: name of the camera that disagrees; None where all agree or no single one is to blame.
    """

    names: tuple[str, ...]
    left_out: Floats
    others: Floats
    bad: str | None


def check_cameras(cameras: Cameras, pixels: Floats) -> CameraCheck:
    """Look for a camera that contradicts the others.

    Args:
        cameras: three or more; with fewer nothing can be told.
        pixels: shape (frame, keypoint, camera, 2); NaN where not seen. At most 300 frames, evenly spaced, are used.
    """
    count = len(cameras.names)
    left_out, others = np.full(count, np.nan), np.full(count, np.nan)
    if count < 3:
        return CameraCheck(cameras.names, left_out, others, None)
    frames = np.unique(np.linspace(0, len(pixels) - 1, min(MAX_FRAMES, len(pixels))).astype(int))
    seen = pixels[frames]
    for c in range(count):
        rest = [i for i in range(count) if i != c]
        part = cameras.only(tuple(cameras.names[i] for i in rest))
        away = np.linalg.norm(project(cameras, triangulate(part, seen[..., rest, :])) - seen, axis=-1)
        left_out[c], others[c] = _median(away[..., c]), max(_median(away[..., i]) for i in rest)
    return CameraCheck(cameras.names, left_out, others, _bad(cameras.names, left_out, others))


def _bad(names: tuple[str, ...], left_out: Floats, others: Floats) -> str | None:
    if not np.isfinite(others).all():
        return None
    best, second = np.argsort(others)[:2]
    missed = left_out[best] > max(WORSE * others[best], MIN_PIXELS)
    better = others[second] > max(IMPROVES * others[best], MIN_PIXELS)
    return names[best] if missed and better else None


def _median(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
