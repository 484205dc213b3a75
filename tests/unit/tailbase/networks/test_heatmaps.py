"""Targets and their decoding, at every stride."""

import pytest
import torch

from tailbase.losses.supervised import map_loss
from tailbase.networks.heatmaps import decode, gaussian_targets, to_cells, to_pixels
from tailbase.schema import PointState

SIZE = 96


def _points(seed: int) -> torch.Tensor:
    return torch.rand(16, 5, 2, generator=torch.Generator().manual_seed(seed)) * (SIZE - 1)


def _states(points: torch.Tensor, state: PointState) -> torch.Tensor:
    return torch.full(points.shape[:2], int(state))


@pytest.mark.parametrize("stride", [1, 2, 4, 8])
@pytest.mark.parametrize("sigma", [1.0, 1.25, 2.0])
def test_decoding_a_gaussian_is_unbiased_at_every_stride_and_place(stride: int, sigma: float) -> None:
    points = _points(stride)
    cells = SIZE // stride
    maps, _ = gaussian_targets(points, _states(points, PointState.VISIBLE), (cells, cells), stride, sigma)
    found, likelihood = decode(maps.clamp(min=1e-30).log(), stride, sigma)
    assert (found - points).abs().max() < 0.05
    assert (found - points).mean(dim=(0, 1)).abs().max() < 0.005
    assert likelihood.min() > 0.9
    assert likelihood.max() <= 1


@pytest.mark.parametrize("stride", [2, 4, 8])
def test_a_cell_stands_for_the_centre_of_its_pixels(stride: int) -> None:
    first = torch.arange(stride, dtype=torch.float32).mean().repeat(2)
    assert torch.equal(to_cells(first, stride), torch.zeros(2))
    assert torch.equal(to_pixels(torch.zeros(2), stride), first)


def test_an_occluded_point_is_a_target_like_a_visible_one() -> None:
    points = _points(0)
    seen, counted = gaussian_targets(points, _states(points, PointState.VISIBLE), (24, 24), 4)
    hidden, also = gaussian_targets(points, _states(points, PointState.OCCLUDED), (24, 24), 4)
    assert torch.equal(seen, hidden)
    assert counted.all()
    assert also.all()


def test_an_absent_point_wants_a_uniform_map() -> None:
    points = torch.full((1, 1, 2), torch.nan)
    maps, counted = gaussian_targets(points, _states(points, PointState.ABSENT), (24, 24), 4)
    assert counted.all()
    assert torch.allclose(maps, torch.full_like(maps, 1 / 24**2))


def test_a_point_outside_the_image_wants_a_uniform_map() -> None:
    points = torch.tensor([[[-3.0, 20.0]]])
    maps, counted = gaussian_targets(points, _states(points, PointState.VISIBLE), (24, 24), 4)
    assert counted.all()
    assert torch.allclose(maps, torch.full_like(maps, 1 / 24**2))


def test_unlabelled_points_neither_count_nor_carry_a_gradient() -> None:
    points = torch.full((2, 3, 2), torch.nan)
    points[0, 0] = 12.0
    states = torch.zeros(2, 3, dtype=torch.long)
    states[0, 0] = int(PointState.VISIBLE)
    logits = torch.randn(2, 3, 24, 24, generator=torch.Generator().manual_seed(0)).requires_grad_()
    targets, counted = gaussian_targets(points, states, (24, 24), 4)
    torch.autograd.backward(map_loss("kl", logits, targets, counted))
    assert counted.sum() == 1
    assert logits.grad is not None
    assert logits.grad[0, 0].abs().sum() > 0
    assert logits.grad.abs().sum() == logits.grad[0, 0].abs().sum()


def test_the_loss_is_zero_for_perfect_maps_and_positive_for_others() -> None:
    points = _points(1)
    targets, counted = gaussian_targets(points, _states(points, PointState.VISIBLE), (24, 24), 4)
    assert map_loss("kl", targets.clamp(min=1e-30).log(), targets, counted).abs() < 1e-5
    assert map_loss("kl", torch.zeros_like(targets), targets, counted) > 1


def test_a_batch_without_labels_has_no_loss() -> None:
    points = torch.full((1, 2, 2), torch.nan)
    targets, counted = gaussian_targets(points, torch.zeros(1, 2, dtype=torch.long), (8, 8), 4)
    assert map_loss("kl", torch.randn(1, 2, 8, 8), targets, counted) == 0


def test_an_unsure_map_has_a_small_likelihood() -> None:
    _, likelihood = decode(torch.zeros(1, 1, 64, 64), 4)
    assert likelihood.item() < 0.01


def test_the_likelihood_of_two_equal_peaks_is_about_one_half() -> None:
    points = torch.tensor([[[20.0, 20.0], [70.0, 60.0]]])
    maps, _ = gaussian_targets(points, torch.ones(1, 2, dtype=torch.long), (24, 24), 4)
    _, likelihood = decode(maps.mean(1, keepdim=True).clamp(min=1e-30).log(), 4)
    assert likelihood.item() == pytest.approx(0.5, abs=0.02)
