"""Several views of one animal agree: which keypoints are one part, and how far calibrated views are from one point."""

from itertools import combinations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tailbase.losses.cameras import Lenses, project, triangulate
from tailbase.losses.supervised import mean_of
from tailbase.losses.temporal import norm
from tailbase.schema import Skeleton


def mirrored_groups(skeleton: Skeleton) -> list[tuple[int, ...]]:
    """For each body part that has one keypoint in every view of an image, those keypoints, in the order of the views.

    A part that a view lacks, or shows twice, is left out.
    """
    places: dict[str, dict[str, list[int]]] = {}
    for index, keypoint in enumerate(skeleton.keypoints):
        if keypoint.part is not None and keypoint.view is not None:
            places.setdefault(keypoint.part, {}).setdefault(keypoint.view, []).append(index)
    views = skeleton.views
    whole = [found for found in places.values() if len(views) > 1 and all(len(found.get(v, [])) == 1 for v in views)]
    return [tuple(found[view][0] for view in views) for found in whole]


def camera_groups(keypoints: int, cameras: int) -> list[tuple[int, ...]]:
    """The same for separate cameras whose points are joined along the keypoint axis, camera after camera."""
    return [tuple(camera * keypoints + index for camera in range(cameras)) for index in range(keypoints)]


def joined(points: Float[Tensor, "frame camera keypoint 2"]) -> Float[Tensor, "frame all_keypoints 2"]:
    """Points of separate cameras along one keypoint axis, as `camera_groups` counts them."""
    return points.flatten(1, 2)


def reprojection(
    points: Float[Tensor, "*any camera keypoint 2"],
    likelihood: Float[Tensor, "*any camera keypoint"],
    cameras: Lenses,
    epsilon: float,
    least_likelihood: float,
) -> Float[Tensor, ""]:
    """Mean distance beyond `epsilon` pixels of each view's point from the image of the point all views agree on.

    Needs no labels. A point is placed in space by the views where it is at least `least_likelihood` likely; where
    those are fewer than two, or the place is not before the camera, it counts as no distance. The mean is over all
    points.

    Args:
        points: pixels of the input, which `cameras` must know (`cameras.lenses`).
        likelihood: no gradient flows through it.
    """
    pixels, sure = _by_point(points, likelihood, least_likelihood)
    step, placed = _steps(pixels, pixels, sure, cameras)
    return _beyond(step, placed & sure, epsilon)


def pairwise(
    points: Float[Tensor, "*any camera keypoint 2"],
    likelihood: Float[Tensor, "*any camera keypoint"],
    cameras: Lenses,
    epsilon: float,
    least_likelihood: float,
) -> Float[Tensor, ""]:
    """The same with every pair of cameras placing the point by itself, so that no third view outvotes one that errs."""
    pixels, sure = _by_point(points, likelihood, least_likelihood)
    pairs = [_steps(pixels, pixels, sure & pair, cameras) for pair in _pairs(points)]
    step, placed = (torch.stack(parts) for parts in zip(*pairs, strict=True))
    return _beyond(step, placed & sure, epsilon)


def labelled_reprojection(
    points: Float[Tensor, "*any camera keypoint 2"],
    labels: Float[Tensor, "*any camera keypoint 2"],
    cameras: Lenses,
    sigma: float,
) -> Float[Tensor, ""]:
    """How far the images of the point that all views agree on are from the labels; mean over labelled points.

    Lightning Pose 3D (2025) draws Gaussians of `sigma` pixels at both and sums their squared difference over the map.
    That sum is 2 (1 - exp(-d^2 / (4 sigma^2))) Gaussian energies at distance d, which is what is computed here, in the
    unit of `losses.maps.mse` and without a map.

    Args:
        labels: pixels of the input; NaN where there is none.
    """
    pixels = points.transpose(-3, -2)
    step, counted = _steps(pixels, labels.transpose(-3, -2), pixels.isfinite().all(-1), cameras)
    squares = torch.where(counted[..., None], step, 0).square().sum(-1)
    return mean_of(-2 * torch.expm1(-squares / (4 * sigma**2)), counted)


def labelled_pairwise(
    points: Float[Tensor, "*any camera keypoint 2"],
    labels: Float[Tensor, "*any camera keypoint 2"],
    cameras: Lenses,
) -> Float[Tensor, ""]:
    """Mean distance in pixels between labels and the images of the points that each pair of cameras places.

    Lightning Pose 3D (2025) measures it in space, in the unit of the calibration; pixels keep the weight independent
    of that unit.

    Args:
        labels: pixels of the input; NaN where there is none.
    """
    pixels, wanted = points.transpose(-3, -2), labels.transpose(-3, -2)
    finite = pixels.isfinite().all(-1)
    pairs = [_steps(pixels, wanted, finite & pair, cameras) for pair in _pairs(points)]
    step, counted = (torch.stack(parts) for parts in zip(*pairs, strict=True))
    return mean_of(norm(step, counted), counted)


def _by_point(points: Tensor, likelihood: Tensor, least_likelihood: float) -> tuple[Tensor, Tensor]:
    """The views of each point side by side, shape (..., keypoint, camera, 2), and which are sure."""
    pixels = points.transpose(-3, -2)
    return pixels, (likelihood >= least_likelihood).transpose(-2, -1) & pixels.isfinite().all(-1)


def _steps(
    pixels: Float[Tensor, "*any camera 2"],
    wanted: Float[Tensor, "*any camera 2"],
    placing: Bool[Tensor, "*any camera"],
    cameras: Lenses,
) -> tuple[Float[Tensor, "*any camera 2"], Bool[Tensor, "*any camera"]]:
    """From the images of the points that the `placing` cameras agree on to `wanted`, and whether there is a step."""
    space, placed = triangulate(cameras, pixels, placing)
    step = wanted - project(cameras, space)
    return step, placed[..., None] & step.isfinite().all(-1)


def _beyond(step: Tensor, counted: Tensor, epsilon: float) -> Tensor:
    return ((norm(step, counted) - epsilon).clamp(min=0) * counted).mean()


def _pairs(points: Float[Tensor, "*any camera keypoint 2"]) -> list[Bool[Tensor, "camera"]]:
    """Every pair of cameras."""
    cameras = torch.arange(points.shape[-3], device=points.device)
    return [(cameras == a) | (cameras == b) for a, b in combinations(range(len(cameras)), 2)]
