"""Projection, undistortion and triangulation, against plain formulas in double precision and their inverses."""

import math

import numpy as np
import pytest
import torch

from tailbase.losses.cameras import lenses, project, triangulate, undistort
from tailbase.smoothing import cameras as exact
from tailbase.smoothing.cameras import Cameras


def _points(seed: int, count: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-8, 8, (count, 3))


def _image(cameras: Cameras, camera: int, point: np.ndarray) -> list[float]:
    """One point in one camera, as OpenCV's documentation writes it."""
    x, y, z = cameras.rotation[camera] @ point + cameras.translation[camera]
    x, y = x / z, y / z
    k1, k2, p1, p2, k3, k4, k5, k6 = cameras.distortion[camera]
    r = math.hypot(x, y)
    radial = (1 + k1 * r**2 + k2 * r**4 + k3 * r**6) / (1 + k4 * r**2 + k5 * r**4 + k6 * r**6)
    bent_x = x * radial + 2 * p1 * x * y + p2 * (r**2 + 2 * x**2)
    bent_y = y * radial + p1 * (r**2 + 2 * y**2) + 2 * p2 * x * y
    u, v, w = cameras.matrix[camera] @ [bent_x, bent_y, 1]
    return [u / w, v / w]


def test_projection_is_the_formula_of_opencv_and_of_the_smoother(cameras: Cameras) -> None:
    points = _points(0)
    found = project(lenses(cameras), torch.from_numpy(points))
    wanted = [[_image(cameras, camera, point) for camera in range(3)] for point in points]
    np.testing.assert_allclose(found, wanted, atol=1e-9)
    np.testing.assert_allclose(found, exact.project(cameras, points), atol=1e-9)


def test_a_point_behind_a_camera_has_no_image_there_and_no_gradient(cameras: Cameras) -> None:
    points = torch.tensor([[0.0, 0.0, -90.0], [1.0, 2.0, 3.0]], dtype=torch.float64, requires_grad=True)
    found = project(lenses(cameras), points)
    assert found[0, 0].isnan().all()
    assert found[1].isfinite().all()
    torch.autograd.backward(torch.where(found.isfinite(), found, 0).sum())
    assert points.grad is not None
    assert points.grad.isfinite().all()


def test_undistortion_is_the_inverse_of_the_lens_and_agrees_with_the_smoother(cameras: Cameras) -> None:
    points = _points(1)
    pixels = exact.project(cameras, points)
    found = undistort(lenses(cameras), torch.from_numpy(pixels))
    seen = np.einsum("cij,nj->nci", cameras.rotation, points) + cameras.translation
    np.testing.assert_allclose(found, seen[..., :2] / seen[..., 2:], atol=1e-10)
    np.testing.assert_allclose(found, exact.undistort(cameras, pixels), atol=1e-10)


def test_gradients_of_projection_undistortion_and_triangulation_are_those_of_differences(cameras: Cameras) -> None:
    group = lenses(cameras)
    points = torch.from_numpy(_points(2, 3)).requires_grad_()
    pixels = (project(group, points) + torch.rand(3, 3, 2, dtype=torch.float64)).detach().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: project(group, x), points)
    assert torch.autograd.gradcheck(lambda x: undistort(group, x), pixels)
    assert torch.autograd.gradcheck(lambda x: triangulate(group, x)[0], pixels)


def test_a_pixel_no_point_maps_to_is_nan_and_leaves_the_others_gradients_finite(plain_cameras: Cameras) -> None:
    barrel = plain_cameras.distortion.copy()
    barrel[:, 0] = -5.0
    group = lenses(Cameras(plain_cameras.names, plain_cameras.matrix, barrel, *_pose(plain_cameras)))
    pixels = torch.full((2, 3, 2), 62.0, dtype=torch.float64)
    pixels[0] = 4000.0
    pixels.requires_grad_()
    found = undistort(group, pixels)
    assert found[0].isnan().all()
    assert found[1].isfinite().all()
    space, placed = triangulate(group, pixels)
    torch.autograd.backward(space.sum())
    assert placed.tolist() == [False, True]
    assert pixels.grad is not None
    assert pixels.grad.isfinite().all()


def _pose(cameras: Cameras) -> tuple[np.ndarray, np.ndarray]:
    return cameras.rotation, cameras.translation


def test_projected_points_are_found_again_from_any_two_cameras(cameras: Cameras) -> None:
    group, points = lenses(cameras), torch.from_numpy(_points(3))
    pixels = project(group, points)
    for hidden in range(-1, 3):
        seen = torch.tensor([camera != hidden for camera in range(3)]).expand(12, 3)
        found, placed = triangulate(group, pixels, seen)
        assert placed.all()
        torch.testing.assert_close(found, points, atol=1e-7, rtol=0)


def test_triangulation_is_the_least_squares_solution_of_the_linear_equations(cameras: Cameras) -> None:
    pixels = exact.project(cameras, _points(4)) + np.random.default_rng(5).normal(0, 2, (12, 3, 2))
    found, _ = triangulate(lenses(cameras), torch.from_numpy(pixels))
    flat = exact.undistort(cameras, pixels)
    for one, row in zip(found.numpy(), flat, strict=True):
        equations, right = [], []
        for camera, (x, y) in enumerate(row):
            pose = np.column_stack([cameras.rotation[camera], cameras.translation[camera]])
            for value, axis in ((x, 0), (y, 1)):
                equation = value * pose[2] - pose[axis]
                equations.append(equation[:3])
                right.append(-equation[3])
        np.testing.assert_allclose(one, np.linalg.lstsq(np.array(equations), np.array(right))[0], atol=1e-8)


def test_a_point_that_one_camera_sees_is_not_placed_and_gets_no_gradient(cameras: Cameras) -> None:
    pixels = torch.from_numpy(exact.project(cameras, _points(6, 2)))
    pixels[0, 1:] = torch.nan
    pixels.requires_grad_()
    found, placed = triangulate(lenses(cameras), pixels)
    torch.autograd.backward(found.sum())
    assert placed.tolist() == [False, True]
    assert pixels.grad is not None
    assert (pixels.grad[0] == 0).all()
    assert pixels.grad[1].abs().sum() > 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cameras_of_a_scaled_and_shifted_image_see_scaled_and_shifted_points(
    cameras: Cameras, dtype: torch.dtype
) -> None:
    points = torch.from_numpy(_points(7)).to(dtype)
    scale = torch.tensor([[0.5, 0.4], [0.25, 0.25], [1.0, 2.0]])
    shift = torch.tensor([[-0.25, 3.0], [10.0, -4.0], [0.0, 0.5]])
    moved = project(lenses(cameras, scale, shift), points)
    assert moved.dtype == dtype
    torch.testing.assert_close(moved, project(lenses(cameras), points) * scale.to(dtype) + shift.to(dtype))
