"""Which keypoints are one part in several views, and how far calibrated views are from one point in space."""

from itertools import combinations

import numpy as np
import pytest
import torch

from tailbase.losses.cameras import lenses
from tailbase.losses.multiview import (
    camera_groups,
    joined,
    labelled_pairwise,
    labelled_reprojection,
    mirrored_groups,
    pairwise,
    reprojection,
)
from tailbase.schema import Keypoint, Skeleton
from tailbase.smoothing import cameras as exact
from tailbase.smoothing.cameras import Cameras
from tailbase.synthetic import sample_skeleton

LEAST = 0.05
KEYPOINTS = 4


def _scene(cameras: Cameras) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noisy images (frame, camera, keypoint, 2), likelihoods and labels; some views are unsure or unlabelled."""
    random = np.random.default_rng(0)
    pixels = exact.project(cameras, random.uniform(-6, 6, (2, KEYPOINTS, 3))).transpose(0, 2, 1, 3)
    likelihood = np.full(pixels.shape[:-1], 0.9)
    likelihood[0, 1, 2] = 0.01
    likelihood[1, :2, 0] = 0.02
    labels = pixels + random.normal(0, 0.5, pixels.shape)
    labels[1, 2, 3] = np.nan
    return pixels + random.normal(0, 3, pixels.shape), likelihood, labels


def _placed(cameras: Cameras, pixels: np.ndarray, used: list[int]) -> np.ndarray:
    """Least squares over the linear equations of the cameras used, projected into all cameras."""
    flat = exact.undistort(cameras, pixels)
    pose = np.concatenate([cameras.rotation, cameras.translation[..., None]], axis=-1)
    rows = np.concatenate([flat[c, :, None] * pose[c, 2] - pose[c, :2] for c in used])
    point = np.linalg.lstsq(rows[:, :3], -rows[:, 3])[0]
    return exact.project(cameras, point)


def _unlabelled(cameras: Cameras, groups: list[tuple[int, ...]], epsilon: float) -> float:
    pixels, likelihood, _ = _scene(cameras)
    total = 0.0
    for frame in range(2):
        for k in range(KEYPOINTS):
            sure = [c for c in range(3) if likelihood[frame, c, k] >= LEAST]
            for group in groups:
                used = [c for c in group if c in sure]
                if len(used) < 2:
                    continue
                images = _placed(cameras, pixels[frame, :, k], used)
                total += sum(max(np.linalg.norm(images[c] - pixels[frame, c, k]) - epsilon, 0) for c in sure)
    return total / (2 * KEYPOINTS * 3 * len(groups))


def test_reprojection_is_the_mean_distance_from_the_point_that_the_sure_views_agree_on(cameras: Cameras) -> None:
    pixels, likelihood, _ = (torch.from_numpy(part) for part in _scene(cameras))
    found = reprojection(pixels, likelihood, lenses(cameras), 1.0, LEAST)
    assert found.item() == pytest.approx(_unlabelled(cameras, [(0, 1, 2)], 1.0), rel=1e-9)


def test_pairwise_lets_every_pair_of_cameras_place_the_point(cameras: Cameras) -> None:
    pixels, likelihood, _ = (torch.from_numpy(part) for part in _scene(cameras))
    found = pairwise(pixels, likelihood, lenses(cameras), 1.0, LEAST)
    assert found.item() == pytest.approx(_unlabelled(cameras, list(combinations(range(3), 2)), 1.0), rel=1e-9)


@pytest.mark.parametrize("loss", [reprojection, pairwise])
def test_the_losses_without_labels_have_exact_gradients_and_none_through_the_gate(loss, cameras: Cameras) -> None:
    pixels, likelihood, _ = (torch.from_numpy(part) for part in _scene(cameras))
    pixels.requires_grad_()
    likelihood.requires_grad_()
    torch.autograd.backward(loss(pixels, likelihood, lenses(cameras), 0.5, LEAST))
    assert likelihood.grad is None
    assert pixels.grad is not None
    assert (pixels.grad[likelihood < LEAST] == 0).all()
    assert torch.autograd.gradcheck(lambda x: loss(x, likelihood, lenses(cameras), 0.5, LEAST), pixels, fast_mode=True)


@pytest.mark.parametrize("loss", [reprojection, pairwise])
def test_views_of_one_point_have_no_loss_and_points_without_a_place_do_not_count(loss, cameras: Cameras) -> None:
    points = np.random.default_rng(1).uniform(-6, 6, (2, KEYPOINTS, 3))
    pixels = torch.from_numpy(exact.project(cameras, points).transpose(0, 2, 1, 3).copy())
    pixels[0, 0, 1] = torch.nan
    pixels.requires_grad_()
    found = loss(pixels, torch.ones(2, 3, KEYPOINTS), lenses(cameras), 0.01, LEAST)
    torch.autograd.backward(found)
    assert found == 0
    assert pixels.grad is not None
    assert pixels.grad.isfinite().all()


def test_labelled_reprojection_is_the_squared_difference_of_gaussians_drawn_on_a_map(cameras: Cameras) -> None:
    pixels, _, labels = _scene(cameras)
    sigma, losses = 2.5, []
    rows, columns = np.mgrid[-60:200, -60:200].astype(np.float64)

    def drawn(point: np.ndarray) -> np.ndarray:
        return np.exp(-((columns - point[0]) ** 2 + (rows - point[1]) ** 2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)

    for frame in range(2):
        for k in range(KEYPOINTS):
            images = _placed(cameras, pixels[frame, :, k], [0, 1, 2])
            for c in range(3):
                if np.isfinite(labels[frame, c, k]).all():
                    losses.append(4 * np.pi * sigma**2 * ((drawn(images[c]) - drawn(labels[frame, c, k])) ** 2).sum())
    found = labelled_reprojection(torch.from_numpy(pixels), torch.from_numpy(labels), lenses(cameras), sigma)
    assert found.item() == pytest.approx(np.mean(losses), rel=1e-6)


def test_labelled_pairwise_is_the_mean_distance_of_every_pairs_images_from_the_labels(cameras: Cameras) -> None:
    pixels, _, labels = _scene(cameras)
    distances = [
        np.linalg.norm(_placed(cameras, pixels[frame, :, k], list(pair))[c] - labels[frame, c, k])
        for frame in range(2)
        for k in range(KEYPOINTS)
        for pair in combinations(range(3), 2)
        for c in range(3)
        if np.isfinite(labels[frame, c, k]).all()
    ]
    found = labelled_pairwise(torch.from_numpy(pixels), torch.from_numpy(labels), lenses(cameras))
    assert found.item() == pytest.approx(np.mean(distances), rel=1e-9)


def test_the_losses_with_labels_have_exact_gradients(cameras: Cameras) -> None:
    pixels, _, labels = (torch.from_numpy(part) for part in _scene(cameras))
    pixels.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: labelled_reprojection(x, labels, lenses(cameras), 2.5), pixels, fast_mode=True
    )
    assert torch.autograd.gradcheck(lambda x: labelled_pairwise(x, labels, lenses(cameras)), pixels, fast_mode=True)


def test_parts_of_a_mirrored_skeleton_are_grouped_over_its_views() -> None:
    skeleton = sample_skeleton()
    groups = mirrored_groups(skeleton)
    assert len(groups) == 9
    for top, side in groups:
        assert skeleton.keypoints[top].view == "top"
        assert skeleton.keypoints[side].view == "side"
        assert skeleton.keypoints[top].part == skeleton.keypoints[side].part


def test_a_part_that_a_view_lacks_or_shows_twice_is_no_group() -> None:
    def keypoint(name: str, part: str | None, view: str | None) -> Keypoint:
        return Keypoint(name=name, part=part, view=view)

    skeleton = Skeleton(
        keypoints=(
            keypoint("a", "nose", "low"), keypoint("b", "tail", "low"), keypoint("c", "nose", "high"),
            keypoint("d", "ear", "low"), keypoint("e", "ear", "low"), keypoint("f", "ear", "high"),
            keypoint("g", None, None),
        ),
        views=("high", "low"),
    )  # fmt: skip
    assert mirrored_groups(skeleton) == [(2, 0)]
    assert mirrored_groups(Skeleton(keypoints=(Keypoint(name="a", part="nose"),))) == []


def test_separate_cameras_are_grouped_as_their_points_are_joined() -> None:
    points = torch.arange(2 * 3 * 4 * 2, dtype=torch.float64).view(2, 3, 4, 2)
    for keypoint, group in enumerate(camera_groups(4, 3)):
        assert torch.equal(joined(points)[:, list(group)], points[:, :, keypoint])
