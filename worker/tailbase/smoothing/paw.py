"""Two cameras that film from either side without a common clock: brought to one time line and one orientation.

The camera of the right sees left and right paws swapped and the image mirrored; after alignment both are two views of
the same keypoints, and the linear several-view smoother applies. Source: the IBL paw model of Biderman et al. 2024.
"""

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError

Floats = NDArray[np.float64]


def align_right_camera(
    right: Floats,
    right_names: tuple[str, ...],
    names: tuple[str, ...],
    right_times: Floats,
    times: Floats,
    width: float,
) -> Floats:
    """The right camera's predictions as the left one would give them.

    Args:
        right: shape (member, frame, keypoint, 3).
        right_names: its keypoints; names with `_l` and `_r` at the end (or `left` and `right`) are swapped.
        names: the left camera's keypoints, the order of the result.
        right_times: seconds of the right camera's frames, increasing, shape (frame,).
        times: seconds of the left camera's frames; all must lie within the right camera's.
        width: of the images the predictions refer to, px; x becomes width - x.

    Returns:
        Shape (member, left frame, keypoint, 3), linear between frames.
    """
    for label, values in (("left", times), ("right", right_times)):
        if not np.isfinite(values).all() or (np.diff(values) <= 0).any():
            raise PoseError("smoothing.times", f"The times of the {label} camera do not increase from frame to frame.")
    if len(right_times) != right.shape[1]:
        raise PoseError(
            "smoothing.lengths_differ",
            f"The right camera has {right.shape[1]} frames and {len(right_times)} times; give files of one recording.",
        )
    order = [_position(right_names, swapped(name)) for name in names]
    turned = right[:, :, order].copy()
    turned[..., 0] = width - turned[..., 0]
    return _interpolate(turned, right_times, times)


def overlap(times: Floats, right_times: Floats) -> NDArray[np.bool_]:
    """Which frames of the left camera lie within the right camera's recording."""
    inside = (times >= right_times[0]) & (times <= right_times[-1])
    if not inside.any():
        raise PoseError("smoothing.times", "The two cameras' times do not overlap; give the times of one recording.")
    return np.asarray(inside)


def swapped(name: str) -> str:
    """The name with its side exchanged; unchanged where it names none."""
    for one, other in (("_l", "_r"), ("left", "right")):
        for this, that in ((one, other), (other, one)):
            if name.endswith(this):
                return name[: -len(this)] + that
            if len(this) > 2 and this in name:
                return name.replace(this, that)
    return name


def _position(names: tuple[str, ...], wanted: str) -> int:
    if wanted not in names:
        raise PoseError(
            "smoothing.keypoints_differ", f"The right camera has no keypoint {wanted}; it has {', '.join(names)}."
        )
    return names.index(wanted)


def _interpolate(values: Floats, at: Floats, wanted: Floats) -> Floats:
    after = np.clip(np.searchsorted(at, wanted), 1, len(at) - 1)
    share = ((wanted - at[after - 1]) / (at[after] - at[after - 1]))[:, None, None]
    return np.asarray(values[:, after - 1] * (1 - share) + values[:, after] * share)
