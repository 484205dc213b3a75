"""Calibrated cameras: how a point in space lands on each image, and back.

The lens follows OpenCV: radial terms k1, k2, k3 over the rational denominator of k4, k5, k6, and tangential p1, p2,
in the order k1 k2 p1 p2 k3 k4 k5 k6 (missing ones are zero).
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError

Floats = NDArray[np.float64]

UNDISTORT_ROUNDS = 50
POINTS_AT_A_TIME = 50_000


@dataclass(frozen=True)
class Cameras:
    """A group of cameras.

    Attributes:
        names: one a camera.
        matrix: intrinsics, shape (camera, 3, 3), px.
        distortion: shape (camera, 8).
        rotation: world to camera, shape (camera, 3, 3).
        translation: shape (camera, 3), in the unit of the calibration.
    """

    names: tuple[str, ...]
    matrix: Floats
    distortion: Floats
    rotation: Floats
    translation: Floats

    def only(self, names: tuple[str, ...]) -> "Cameras":
        """The named cameras in that order."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise PoseError(
                "calibration.unknown_camera",
                f"The calibration has no camera {', '.join(missing)}; it has {', '.join(self.names)}.",
            )
        keep = [self.names.index(name) for name in names]
        return Cameras(names, self.matrix[keep], self.distortion[keep], self.rotation[keep], self.translation[keep])


def rotation_matrix(vector: Floats) -> Floats:
    """Rotation about a vector's direction by its length in radians (Rodrigues), shape (3, 3)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def project(cameras: Cameras, points: Floats) -> Floats:
    """Images of points in space.

    Args:
        points: shape (..., 3).

    Returns:
        Pixels, shape (..., camera, 2).
    """
    return project_with_jacobian(cameras, points)[0]


def project_with_jacobian(cameras: Cameras, points: Floats) -> tuple[Floats, Floats]:
    """Images of points in space and how they move with the point, shapes (..., camera, 2) and (..., camera, 2, 3)."""
    shape = (*points.shape[:-1], len(cameras.names), 2)
    pixels, jacobian = project_rows(cameras, points.reshape(-1, 3).T)
    return pixels.transpose(2, 0, 1).reshape(shape), jacobian.transpose(3, 0, 1, 2).reshape(*shape, 3)


def project_rows(cameras: Cameras, points: Floats) -> tuple[Floats, Floats]:
    """The same of points as three rows, shape (3, point), which is fast for few points.

    Returns:
        Pixels, shape (camera, 2, point), and how they move with the point, shape (camera, 2, 3, point).
    """
    count = len(cameras.names)
    seen = (cameras.rotation.reshape(-1, 3) @ points).reshape(count, 3, -1) + cameras.translation[..., None]
    near = 1.0 / seen[:, 2]
    x, y = seen[:, 0] * near, seen[:, 1] * near
    bent_x, bent_y, xx, xy, yy = _bend(cameras.distortion.T[..., None], x, y)
    fx, fy, skew = cameras.matrix[:, 0, 0, None], cameras.matrix[:, 1, 1, None], cameras.matrix[:, 0, 1, None]
    pixels = np.empty((count, 2, x.shape[1]))
    pixels[:, 0] = fx * bent_x + skew * bent_y
    pixels[:, 1] = fy * bent_y
    pixels += cameras.matrix[:, :2, 2, None]
    lens = np.empty((count, 2, 3, x.shape[1]))
    lens[:, 0, 0], lens[:, 0, 1] = fx * xx + skew * xy, fx * xy + skew * yy
    lens[:, 1, 0], lens[:, 1, 1] = fy * xy, fy * yy
    lens[:, :, 2] = -(lens[:, :, 0] * x[:, None] + lens[:, :, 1] * y[:, None])
    lens *= near[:, None, None]
    return pixels, np.matmul(cameras.rotation.transpose(0, 2, 1)[:, None], lens)


def _bend(d: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """The lens on normalised coordinates: x and y, and how x moves with x, x with y (as y with x), and y with y.

    The terms k1 k2 p1 p2 k3 k4 k5 k6 come first; those that all cameras lack cost no time.
    """
    k1, k2, p1, p2, k3, k4, k5, k6 = d
    r2 = x * x + y * y
    if k2.any() or k3.any():
        radial, slope = 1 + r2 * (k1 + r2 * (k2 + r2 * k3)), k1 + r2 * (2 * k2 + 3 * r2 * k3)
    else:
        radial, slope = 1 + r2 * k1, k1
    if d[5:].any():
        below = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
        radial = radial / below
        slope = (slope - radial * (k4 + r2 * (2 * k5 + 3 * r2 * k6))) / below
    double = 2 * slope
    bent_x, bent_y = x * radial, y * radial
    xx, xy, yy = radial + double * (x * x), double * (x * y), radial + double * (y * y)
    if d[2:4].any():
        bent_x = bent_x + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        bent_y = bent_y + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        xx, xy, yy = xx + 2 * p1 * y + 6 * p2 * x, xy + 2 * p1 * x + 2 * p2 * y, yy + 6 * p1 * y + 2 * p2 * x
    return bent_x, bent_y, xx, xy, yy


def undistort(cameras: Cameras, pixels: Floats) -> Floats:
    """Normalised coordinates a lens without distortion would see, shape (..., camera, 2), by Newton's method.

    A point no undistorted one maps to (outside the lens model's range) comes out as NaN.
    """
    y_seen = (pixels[..., 1] - cameras.matrix[:, 1, 2]) / cameras.matrix[:, 1, 1]
    x_seen = (pixels[..., 0] - cameras.matrix[:, 0, 2] - cameras.matrix[:, 0, 1] * y_seen) / cameras.matrix[:, 0, 0]
    x, y = x_seen.copy(), y_seen.copy()
    away = np.full_like(x, np.inf)
    for _ in range(UNDISTORT_ROUNDS):
        bent_x, bent_y, xx, xy, yy = _bend(cameras.distortion.T, x, y)
        dx, dy = bent_x - x_seen, bent_y - y_seen
        away = np.hypot(dx, dy) * cameras.matrix[:, 0, 0]
        if not (away > 1e-9).any():
            break
        det = xx * yy - xy * xy
        x, y = x - (yy * dx - xy * dy) / det, y - (xx * dy - xy * dx) / det
    good = away < 1e-3
    return np.stack([np.where(good, x, np.nan), np.where(good, y, np.nan)], axis=-1)


def triangulate(cameras: Cameras, pixels: Floats) -> Floats:
    """Points in space from their images: every pair of cameras by direct linear transformation, then the median.

    Args:
        pixels: shape (..., camera, 2); NaN where a camera does not see the point.

    Returns:
        Shape (..., 3); NaN where fewer than two cameras see the point.
    """
    flat = pixels.reshape(-1, *pixels.shape[-2:])
    parts = [_triangulate(cameras, flat[at : at + POINTS_AT_A_TIME]) for at in range(0, len(flat), POINTS_AT_A_TIME)]
    points = np.concatenate(parts) if parts else np.empty((0, 3))
    return points.reshape(*pixels.shape[:-2], 3)


def _triangulate(cameras: Cameras, pixels: Floats) -> Floats:
    flat = undistort(cameras, pixels)
    pose = np.concatenate([cameras.rotation, cameras.translation[..., None]], axis=-1)
    pairs = [_triangulate_pair(pose[[a, b]], flat[..., [a, b], :]) for a, b in combinations(range(len(pose)), 2)]
    stacked = np.stack(pairs)
    count = np.isfinite(stacked[..., 0]).sum(axis=0)
    ordered = np.sort(stacked, axis=0)
    low = np.take_along_axis(ordered, (np.maximum(count - 1, 0) // 2)[None, ..., None], axis=0)[0]
    high = np.take_along_axis(ordered, (count // 2 % len(pairs))[None, ..., None], axis=0)[0]
    middle = np.where((count % 2 == 1)[..., None], low, (low + high) / 2)
    return np.where((count > 0)[..., None], middle, np.nan)


def _triangulate_pair(pose: Floats, flat: Floats) -> Floats:
    seen = np.asarray(np.isfinite(flat).all(axis=(-1, -2)))
    safe = np.where(seen[..., None, None], flat, 0.0)
    rows = safe[..., None] * pose[:, 2, None, :] - pose[:, :2, :]
    null = np.linalg.svd(rows.reshape(*rows.shape[:-3], 4, 4))[2][..., -1, :]
    scale = np.where(np.abs(null[..., 3:]) > 1e-15, null[..., 3:], np.nan)
    return np.where(seen[..., None], null[..., :3] / scale, np.nan)
