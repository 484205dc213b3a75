"""Subspaces of poses and views, against plain linear algebra in double precision."""

import json

import numpy as np
import pytest
import torch

from tailbase.errors import PoseError
from tailbase.losses.multiview import mirrored_groups
from tailbase.losses.pca import (
    Subspace,
    fit_subspace,
    moments,
    multiview_subspace,
    paired_moments,
    pca_errors,
    pca_loss,
    pose_subspace,
    residuals,
)
from tailbase.synthetic import render_frame, sample_skeleton, training_scene

LEAST = 0.05
KEYPOINTS = 5


def _poses(images: int = 60, seed: int = 0, noise: float = 0.5) -> np.ndarray:
    """Five points that move with three degrees of freedom, and a little noise."""
    random = np.random.default_rng(seed)
    basis = np.random.default_rng(99).normal(size=(3, 2 * KEYPOINTS))
    rows = 60 + random.normal(0, [20, 12, 8], (images, 3)) @ basis + random.normal(0, noise, (images, 2 * KEYPOINTS))
    return rows.reshape(images, KEYPOINTS, 2)


def _with_gaps(points: np.ndarray, share: float, seed: int = 1) -> np.ndarray:
    gone = np.random.default_rng(seed).random(points.shape[:-1]) < share
    return np.where(gone[..., None], np.nan, points)


def _residuals(row: np.ndarray, subspace: Subspace, seen: np.ndarray) -> np.ndarray:
    """Distance of each point that is seen from the closest pose of the subspace; NaN where that says nothing."""
    used = np.repeat(seen & np.isfinite(row.reshape(-1, 2)).all(-1), 2)
    if used.sum() <= len(subspace.components):
        return np.full(len(seen), np.nan)
    off = (row - subspace.mean)[used]
    basis = subspace.components[:, used].T
    left = np.full(len(row), np.nan)
    left[used] = off - basis @ np.linalg.lstsq(basis, off)[0]
    return np.linalg.norm(left.reshape(-1, 2), axis=-1)


def test_of_complete_labels_the_subspace_is_that_of_a_singular_value_decomposition() -> None:
    points = _poses()
    subspace = pose_subspace(points, 3)
    rows = points.reshape(len(points), -1)
    _, size, directions = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    np.testing.assert_allclose(subspace.mean, rows.mean(0))
    np.testing.assert_allclose(subspace.variances, size**2 / (len(rows) - 1), atol=1e-9)
    np.testing.assert_allclose(
        subspace.components.T @ subspace.components, directions[:3].T @ directions[:3], atol=1e-9
    )
    assert subspace.rows == 60


def test_epsilon_is_the_percentile_of_residuals_of_rows_that_were_left_out() -> None:
    points = _poses(37)
    rows, left = points.reshape(37, -1), []
    for fold in range(5):
        others = np.array([row for i, row in enumerate(rows) if i % 5 != fold])
        kept = np.linalg.svd(others - others.mean(0))[2][:3]
        for row in rows[fold::5]:
            off = row - others.mean(0)
            left += np.linalg.norm((off - kept.T @ (kept @ off)).reshape(-1, 2), axis=-1).tolist()
    assert pose_subspace(points, 3).epsilon == pytest.approx(np.percentile(left, 99), rel=1e-6)
    assert pose_subspace(points, 3, percentile=90.0).epsilon == pytest.approx(np.percentile(left, 90), rel=1e-6)


def test_epsilon_holds_for_other_poses_even_of_few_labels() -> None:
    others = _poses(400, seed=99)
    subspaces = [pose_subspace(_poses(24, seed=seed), 3) for seed in range(6)]
    assert np.mean([pca_errors(others, one) > one.epsilon for one in subspaces]) < 0.02


def test_a_share_keeps_the_first_components_that_explain_as_much() -> None:
    points = _poses()
    variances = pose_subspace(points, 3).variances
    explained = variances.cumsum() / variances.sum()
    for kept in (1, 2, 3):
        assert len(pose_subspace(points, float(explained[kept - 1])).components) == kept
        assert len(pose_subspace(points, float(explained[kept - 1]) - 1e-6).components) == kept


def test_moments_of_pairs_use_the_rows_where_both_coordinates_are_known() -> None:
    rows = _with_gaps(np.random.default_rng(0).normal(50, 9, (40, 3, 2)), 0.2).reshape(40, -1)
    mean, covariance = paired_moments(rows)
    np.testing.assert_allclose(mean, np.nanmean(rows, axis=0))
    for i in range(6):
        for j in range(6):
            both = np.isfinite(rows[:, [i, j]]).all(1)
            wanted = ((rows[both, i] - mean[i]) * (rows[both, j] - mean[j])).sum() / (both.sum() - 1)
            assert covariance[i, j] == pytest.approx(wanted, rel=1e-10)


def test_coordinates_never_labelled_together_are_taken_as_unrelated() -> None:
    rows = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, 5.0], [np.nan, 7.0]])
    np.testing.assert_allclose(paired_moments(rows)[1], [[0.5, 0], [0, 2]])


def test_moments_are_where_expectation_maximisation_row_by_row_comes_to_rest() -> None:
    rows = _with_gaps(_poses(40, noise=4.0), 0.2).reshape(40, -1)
    mean, covariance = paired_moments(rows)
    for _ in range(30):
        filled, spread = [], np.zeros_like(covariance)
        for row in rows:
            gone, seen = np.isnan(row), np.isfinite(row)
            certain = np.linalg.inv(covariance[seen][:, seen] + 0.25 * np.eye(seen.sum()))
            across = covariance[gone][:, seen]
            full = row.copy()
            full[gone] = mean[gone] + across @ certain @ (row[seen] - mean[seen])
            left = np.zeros_like(covariance)
            left[np.ix_(gone, gone)] = covariance[gone][:, gone] - across @ certain @ across.T
            filled.append(full)
            spread += left
        mean = np.mean(filled, axis=0)
        covariance = (sum(np.outer(f - mean, f - mean) for f in filled) + spread) / 39
    found = moments(rows)
    np.testing.assert_allclose(found[0], mean, rtol=1e-9)
    np.testing.assert_allclose(found[1], covariance, rtol=1e-7, atol=1e-7)


def test_points_that_are_missing_in_certain_poses_do_not_bend_the_subspace() -> None:
    random = np.random.default_rng(0)
    x, up, down = random.normal(0, [40, 10, 15], (200, 3)).T
    points = np.stack([np.stack([x, up], 1), np.stack([x, down], 1)], axis=1)
    points[x > 20, 1] = np.nan
    subspace = multiview_subspace(points, [(0, 1)])
    assert subspace.epsilon < 0.05
    rows = points.reshape(200, 4)
    assert np.linalg.eigvalsh(paired_moments(rows)[1])[0] > 10


def test_labels_with_gaps_give_nearly_the_subspace_of_complete_ones() -> None:
    points = _poses(300)
    whole, gappy = pose_subspace(points, 3), pose_subspace(_with_gaps(points, 0.2), 3)
    angles = np.linalg.svd(whole.components @ gappy.components.T)[1]
    assert angles.min() > 0.99


def test_residuals_are_distances_from_the_closest_pose_to_what_is_seen() -> None:
    subspace = pose_subspace(_poses(), 3)
    points = _with_gaps(_poses(40, seed=2, noise=3.0), 0.3)
    seen = np.random.default_rng(3).random(points.shape[:-1]) < 0.9
    found, counted = residuals(torch.from_numpy(points), subspace, torch.from_numpy(seen))
    wanted = np.stack([_residuals(p.ravel(), subspace, s) for p, s in zip(points, seen, strict=True)])
    np.testing.assert_array_equal(counted.numpy(), np.isfinite(wanted))
    assert not counted.all()
    np.testing.assert_allclose(found[counted], wanted[np.isfinite(wanted)], atol=1e-5)


def test_a_pose_far_off_is_found_at_the_point_that_is_wrong() -> None:
    subspace, points = pose_subspace(_poses(noise=0.1), 3), _poses(1, seed=5, noise=0.0)
    points[0, 2] += [30, -25]
    errors = pca_errors(points, subspace)
    assert errors[0].argmax() == 2
    assert errors[0, 2] > 5


def test_the_loss_is_the_mean_residual_beyond_epsilon_of_likely_points() -> None:
    subspace = pose_subspace(_poses(), 3)
    points = _poses(8, seed=2, noise=6.0)
    points[1, 3] = np.nan
    likelihood = np.random.default_rng(4).random((8, KEYPOINTS))
    likelihood[likelihood < 0.2] = 0.01
    total = 0.0
    for point, sure in zip(points, likelihood >= LEAST, strict=True):
        left = _residuals(point.ravel(), subspace, sure)
        total += np.maximum(left[np.isfinite(left)] - subspace.epsilon, 0).sum()
    found = pca_loss(torch.from_numpy(points), subspace, torch.from_numpy(likelihood), LEAST)
    assert total > 0
    assert found.item() == pytest.approx(total / likelihood.size, rel=1e-5)


def test_the_gradient_is_that_of_differences_and_none_flows_through_the_gate() -> None:
    subspace = pose_subspace(_poses(), 3)
    points = torch.from_numpy(_with_gaps(_poses(4, seed=2, noise=6.0), 0.1)).requires_grad_()
    likelihood = torch.full((4, KEYPOINTS), 0.9, dtype=torch.float64)
    likelihood[0, 1] = 0.01
    likelihood.requires_grad_()
    torch.autograd.backward(pca_loss(points, subspace, likelihood, LEAST))
    assert likelihood.grad is None
    assert points.grad is not None
    assert points.grad.isfinite().all()
    assert (points.grad[0, 1] == 0).all()
    whole = points.detach().nan_to_num(60.0).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: pca_loss(x, subspace, likelihood, LEAST), whole)


def test_the_loss_pulls_a_wrong_point_back() -> None:
    subspace, wanted = pose_subspace(_poses(noise=0.1), 3), torch.from_numpy(_poses(1, seed=5, noise=0.0))
    points = wanted.clone()
    points[0, 2] += torch.tensor([30.0, -25.0], dtype=torch.float64)
    points.requires_grad_()
    torch.autograd.backward(pca_loss(points, subspace, torch.ones(1, KEYPOINTS), LEAST))
    assert points.grad is not None
    assert (points.grad[0, 2] * (points - wanted)[0, 2]).sum() > 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_loss_has_the_precision_of_its_points_and_accepts_clips(dtype: torch.dtype) -> None:
    points = torch.from_numpy(_poses(6, seed=2, noise=6.0)).to(dtype)
    subspace, sure = pose_subspace(_poses(), 3), torch.ones(6, KEYPOINTS)
    loss = pca_loss(points, subspace, sure, LEAST)
    assert loss.dtype == dtype
    clips = pca_loss(points.view(2, 3, KEYPOINTS, 2), subspace, sure.view(2, 3, KEYPOINTS), LEAST)
    assert clips.item() == pytest.approx(loss.item(), rel=1e-6)


def test_a_subspace_survives_being_written_as_json() -> None:
    subspace = pose_subspace(_poses(), 3)
    again = Subspace.from_dict(json.loads(json.dumps(subspace.to_dict())))
    points = _poses(5, seed=3)
    np.testing.assert_array_equal(pca_errors(points, again), pca_errors(points, subspace))
    assert (again.epsilon, again.rows) == (subspace.epsilon, subspace.rows)


def test_keypoints_that_most_images_lack_are_no_part_of_the_pose() -> None:
    points = _poses()
    points[:40, 1] = np.nan
    subspace = pose_subspace(points, 3)
    assert subspace.keypoints.tolist() == [[0, 2, 3, 4]]
    assert np.isnan(pca_errors(points, subspace)[:, 1]).all()


@pytest.mark.parametrize("images", [0, 1, 3, 5])
def test_too_few_labels_are_refused_with_what_to_do(images: int) -> None:
    with pytest.raises(PoseError, match=r"pose_pca.*Label more frames, or set its weight to 0") as caught:
        pose_subspace(_poses(images), 3)
    assert caught.value.code == "losses.too_few_labels"


def test_views_of_one_part_lie_in_three_dimensions() -> None:
    random = np.random.default_rng(0)
    mirrors = random.normal(size=(3, 6))
    points = (30 * random.normal(size=(20, 4, 3)) @ mirrors).reshape(20, 4, 3, 2) + random.normal(0, 0.2, (20, 4, 3, 2))
    by_view = points.transpose(0, 2, 1, 3).reshape(20, 12, 2)
    groups = [tuple(view * 4 + part for view in range(3)) for part in range(4)]
    subspace = multiview_subspace(by_view, groups)
    assert subspace.components.shape == (3, 6)
    assert subspace.rows == 80
    assert subspace.epsilon < 1
    by_view[3, 5] += 40
    errors = pca_errors(by_view, subspace)
    assert errors[3, [1, 5, 9]].max() > 5
    errors[3, [1, 5, 9]] = 0
    assert errors.max() < 1.5
    with pytest.raises(PoseError, match="same part"):
        multiview_subspace(by_view, [])


def test_a_part_that_too_few_views_show_says_nothing() -> None:
    random = np.random.default_rng(0)
    points = (30 * random.normal(size=(20, 3)) @ random.normal(size=(3, 4))).reshape(20, 2, 2)
    points[4, 1] = np.nan
    subspace = multiview_subspace(points, [(0, 1)])
    assert subspace.rows == 19
    assert np.isnan(pca_errors(points, subspace)[4]).all()


def test_the_drawn_animal_has_few_degrees_of_freedom_and_its_mirror_agrees() -> None:
    frames = [render_frame(training_scene(), s)[1] for s in np.arange(0, 10, 0.25)]
    points = np.stack(frames)
    pose = pose_subspace(points)
    views = multiview_subspace(points, mirrored_groups(sample_skeleton()))
    assert len(pose.components) < pose.keypoints.shape[1]
    assert pose.epsilon < 30
    # The mirror is flat and level: both views share their columns, and no lens bends them.
    assert views.epsilon < 1e-3


def test_a_mean_pose_alone_is_a_subspace_of_rows_that_never_change() -> None:
    rows = np.tile([1.0, 2.0, 3.0, 4.0], (6, 1))
    subspace = fit_subspace(rows, np.array([[0, 1]]), 0.99)
    assert subspace.epsilon == 0
    assert pca_errors(np.array([[[1.0, 2.0], [3.0, 4.0]]]), subspace).max() == 0
