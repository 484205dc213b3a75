"""Calibrated cameras for gradients: the torch twin of `smoothing.cameras`, whose conventions it shares."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tailbase.smoothing import cameras as exact

_NEWTON_ROUNDS = 20
_CONVERGED = 1e-3


@dataclass(frozen=True)
class Lenses:
    """A group of cameras as float64 tensors.

    Attributes:
        matrix: intrinsics, px.
        distortion: OpenCV's k1 k2 p1 p2 k3 k4 k5 k6.
        rotation: world to camera.
        translation: in the unit of the calibration.
    """

    matrix: Float[Tensor, "camera 3 3"]
    distortion: Float[Tensor, "camera 8"]
    rotation: Float[Tensor, "camera 3 3"]
    translation: Float[Tensor, "camera 3"]


def lenses(
    cameras: exact.Cameras,
    scale: Float[Tensor, "camera 2"] | None = None,
    shift: Float[Tensor, "camera 2"] | None = None,
    device: torch.device | None = None,
) -> Lenses:
    """Cameras whose pixels are those of the network's input, x_input = scale * x_video + shift, y likewise.

    Without scale and shift they are the video's own.
    """
    parts = (cameras.matrix, cameras.distortion, cameras.rotation, cameras.translation)
    matrix, distortion, rotation, translation = (torch.from_numpy(part).double().to(device) for part in parts)
    moved = matrix.clone()
    if scale is not None:
        moved[:, :2] *= scale.double().to(device)[..., None]
    if shift is not None:
        moved[:, :2, 2] += shift.double().to(device)
    return Lenses(moved, distortion, rotation, translation)


def project(cameras: Lenses, points: Float[Tensor, "*any 3"]) -> Float[Tensor, "*any camera 2"]:
    """Images of points in space, pixels; NaN where a point is not before the camera."""
    seen = (cameras.rotation @ points.double()[..., None, :, None])[..., 0] + cameras.translation
    before = seen[..., 2:] > 0
    bent = _bend(cameras.distortion, seen[..., :2] / torch.where(before, seen[..., 2:], 1))
    return torch.where(before, _to_pixels(cameras, bent), torch.nan).to(points.dtype)


def undistort(cameras: Lenses, pixels: Float[Tensor, "*any camera 2"]) -> Float[Tensor, "*any camera 2"]:
    """Normalised coordinates that lenses without distortion would see; NaN where the lens model reaches no such point.

    Newton's method finds them; the gradient is that of the inverse function, so it does not run through the rounds.
    Far outside the image the model of a strong lens folds back; places where it turns the image over are no answer.
    """
    seen = _from_pixels(cameras, pixels.double())
    flat = seen.detach()
    for _ in range(_NEWTON_ROUNDS):
        flat = flat - _solved(_slope(cameras.distortion, flat), _bend(cameras.distortion, flat) - seen.detach())
    off = (_bend(cameras.distortion, flat) - seen.detach()).norm(dim=-1) * cameras.matrix[:, 0, 0]
    found = ((off < _CONVERGED) & _upright(_slope(cameras.distortion, flat)))[..., None]
    flat = torch.where(found, flat, 0)
    last_step = _solved(_slope(cameras.distortion, flat), seen - _bend(cameras.distortion, flat))
    return torch.where(found, flat + last_step, torch.nan).to(pixels.dtype)


def triangulate(
    cameras: Lenses,
    pixels: Float[Tensor, "*any camera 2"],
    seen: Bool[Tensor, "*any camera"] | None = None,
) -> tuple[Float[Tensor, "*any 3"], Bool[Tensor, "*any"]]:
    """Points in space from their images by direct linear transformation, and whether two cameras saw them.

    Each camera that sees the point gives two linear equations for it (Hartley and Zisserman 2004, section 12.2,
    inhomogeneous form); their least-squares solution has smooth gradients, which a median over pairs has not. A point
    that fewer than two cameras see is the origin.
    """
    flat = undistort(cameras, pixels.double())
    finite = flat.isfinite().all(-1)
    seen = finite if seen is None else seen & finite
    placed = seen.sum(-1) >= 2
    used = (seen & placed[..., None])[..., None, None]
    pose = torch.cat([cameras.rotation, cameras.translation[..., None]], dim=-1)
    rows = torch.where(seen[..., None], flat, 0)[..., None] * pose[:, 2:, :] - pose[:, :2, :]
    rows = (rows * used).flatten(-3, -2)
    left, right = rows[..., :3], -rows[..., 3:]
    normal = left.mT @ left
    unplaced = (~placed)[..., None, None] * torch.eye(3, dtype=normal.dtype, device=normal.device)
    points: Tensor = torch.linalg.solve(normal + unplaced, left.mT @ right)[..., 0]
    return points.to(pixels.dtype), placed


def _bend(lens: Float[Tensor, "camera 8"], flat: Float[Tensor, "*any camera 2"]) -> Float[Tensor, "*any camera 2"]:
    """The lens on normalised coordinates (OpenCV, calib3d, "detailed description")."""
    k1, k2, p1, p2, k3, k4, k5, k6 = lens.unbind(-1)
    x, y = flat.unbind(-1)
    r2 = x * x + y * y
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    bent_x = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
    bent_y = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
    return torch.stack([bent_x, bent_y], dim=-1)


def _slope(lens: Float[Tensor, "camera 8"], flat: Float[Tensor, "*any camera 2"]) -> Float[Tensor, "*any camera 2 2"]:
    """How the bent coordinates move with the flat ones; the matrix is symmetric."""
    k1, k2, p1, p2, k3, k4, k5, k6 = lens.unbind(-1)
    x, y = flat.unbind(-1)
    r2 = x * x + y * y
    above, below = 1 + r2 * (k1 + r2 * (k2 + r2 * k3)), 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    radial = above / below
    per_r2 = (k1 + r2 * (2 * k2 + 3 * r2 * k3) - radial * (k4 + r2 * (2 * k5 + 3 * r2 * k6))) / below
    xx = radial + 2 * per_r2 * x * x + 2 * p1 * y + 6 * p2 * x
    xy = 2 * per_r2 * x * y + 2 * p1 * x + 2 * p2 * y
    yy = radial + 2 * per_r2 * y * y + 6 * p1 * y + 2 * p2 * x
    return torch.stack([torch.stack([xx, xy], dim=-1), torch.stack([xy, yy], dim=-1)], dim=-2)


def _upright(slope: Float[Tensor, "*any 2 2"]) -> Bool[Tensor, "*any"]:
    """Where a symmetric slope is positive definite."""
    (xx, xy), (_, yy) = (row.unbind(-1) for row in slope.unbind(-2))
    return (xx + yy > 0) & (xx * yy > xy * xy)


def _solved(slope: Float[Tensor, "*any 2 2"], off: Float[Tensor, "*any 2"]) -> Float[Tensor, "*any 2"]:
    (xx, xy), (yx, yy) = (row.unbind(-1) for row in slope.unbind(-2))
    determinant = xx * yy - xy * yx
    x, y = off.unbind(-1)
    return torch.stack([(yy * x - xy * y) / determinant, (xx * y - yx * x) / determinant], dim=-1)


def _to_pixels(cameras: Lenses, bent: Float[Tensor, "*any camera 2"]) -> Float[Tensor, "*any camera 2"]:
    return (cameras.matrix[:, :2, :2] @ bent[..., None])[..., 0] + cameras.matrix[:, :2, 2]


def _from_pixels(cameras: Lenses, pixels: Float[Tensor, "*any camera 2"]) -> Float[Tensor, "*any camera 2"]:
    off = pixels - cameras.matrix[:, :2, 2]
    flat: Tensor = torch.linalg.inv(cameras.matrix[:, :2, :2]) @ off[..., None]
    return flat[..., 0]
