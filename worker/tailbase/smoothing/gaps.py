"""Plain cleaning of one network's track: a median filter, and gaps up to a length bridged by straight lines."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tailbase.errors import PoseError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MAX_WINDOW = 1001
CELLS_AT_A_TIME = 4_000_000


def median_filter(points: Floats, window: int) -> Floats:
    """The median over a window of frames around each; a point that is missing stays missing.

    Args:
        points: shape (frame, keypoint, 2); NaN where missing. Missing points do not count in the medians of others.
        window: an odd number of frames; at both ends of the recording it is cut off.

    Raises:
        PoseError: smoothing.window, unless the window is odd and from 1 to 1001.
    """
    if not (1 <= window <= MAX_WINDOW and window % 2):
        raise PoseError("smoothing.window", f"The window must be an odd number of frames from 1 to {MAX_WINDOW}.")
    half = window // 2
    edge = np.full((half, *points.shape[1:]), np.nan)
    padded = np.concatenate([edge, points, edge])
    filtered = points.copy()
    step = max(1, CELLS_AT_A_TIME // max(1, window * points[0].size if len(points) else 1))
    for start in range(0, len(points), step):
        windows = sliding_window_view(padded[start : start + step + 2 * half], window, axis=0)
        ordered = np.sort(windows, axis=-1)
        count = np.isfinite(ordered).sum(axis=-1, keepdims=True)
        low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=-1)
        high = np.take_along_axis(ordered, np.minimum(count // 2, window - 1), axis=-1)
        middle = np.where(count % 2 == 1, low, (low + high) / 2)[..., 0]
        here = points[start : start + step]
        filtered[start : start + step] = np.where(np.isfinite(here), middle, np.nan)
    return filtered


def fill_gaps(points: Floats, longest: int) -> tuple[Floats, Bools]:
    """Bridge missing points by straight lines, where at most `longest` frames in a row are missing.

    Args:
        points: shape (frame, keypoint, 2); NaN where missing.
        longest: frames; a longer gap, and one at the start or the end, stays.

    Returns:
        The points, and which of them were filled, shape (frame, keypoint).
    """
    filled = points.copy()
    missing = np.asarray(~np.isfinite(points).all(axis=-1))
    bridged = np.asarray(missing & ~in_long_gap(missing, longest))
    frames = np.arange(len(points))
    for k in range(points.shape[1]):
        seen = ~missing[:, k]
        for axis in range(points.shape[2] if seen.any() else 0):
            line = np.interp(frames[bridged[:, k]], frames[seen], points[seen, k, axis])
            filled[bridged[:, k], k, axis] = line
    return filled, bridged


def in_long_gap(missing: Bools, longest: int) -> Bools:
    """Which missing points lie in a run longer than `longest` frames or one that touches an end; same shape."""
    frames = len(missing)
    number = np.arange(frames)[:, None]
    before = np.maximum.accumulate(np.where(missing, -1, number), axis=0)
    after = np.minimum.accumulate(np.where(missing, frames, number)[::-1], axis=0)[::-1]
    return np.asarray(missing & ((after - before - 1 > longest) | (before < 0) | (after >= frames)))
