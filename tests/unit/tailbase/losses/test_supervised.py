"""Distances between maps, and between points, against plain formulas in double precision."""

import math

import numpy as np
import pytest
import torch

from tailbase.losses.maps import log_probability
from tailbase.losses.supervised import map_loss, regression
from tailbase.losses.unimodal import unimodal
from tailbase.networks.heatmaps import SIGMA_CELLS, decode, gaussian_targets
from tailbase.schema import MapLoss, PointState

KINDS: tuple[MapLoss, ...] = ("kl", "mse", "js")


def _random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _gaussian(x: float, y: float, size: int = 32) -> torch.Tensor:
    states = torch.full((1, 1), int(PointState.VISIBLE))
    return gaussian_targets(torch.tensor([[[x, y]]], dtype=torch.float64), states, (size, size), 1)[0]


def _formula(kind: MapLoss, p: np.ndarray, q: np.ndarray) -> float:
    """The distance of p from the target q, cell by cell."""
    if kind == "mse":
        return 4 * math.pi * 1.25**2 * sum((a - b) ** 2 for a, b in zip(p, q, strict=True))
    if kind == "kl":
        return sum(b * math.log(b / a) for a, b in zip(p, q, strict=True) if b > 0)
    middle = (p + q) / 2
    return 2 * sum(sum(a * math.log(a / m) for a, m in zip(side, middle, strict=True) if a > 0) for side in (p, q))


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_of_maps_is_the_formulas_mean_over_the_points_that_count(kind: MapLoss) -> None:
    logits = 3 * _random(2, 3, 5, 4)
    targets = torch.softmax(_random(2, 3, 20, seed=1), -1).view(2, 3, 5, 4)
    targets[0, 0, 0] = 0
    targets[0, 0] /= targets[0, 0].sum()
    counted = torch.tensor([[True, False, True], [False, True, True]])
    wanted = []
    for b, k in counted.nonzero().tolist():
        e = np.exp(logits[b, k].numpy().ravel())
        wanted.append(_formula(kind, e / e.sum(), targets[b, k].numpy().ravel()))
    assert map_loss(kind, logits, targets, counted).item() == pytest.approx(np.mean(wanted), rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_of_the_loss_of_maps_is_that_of_differences(kind: MapLoss) -> None:
    targets = torch.softmax(_random(2, 2, 12, seed=1), -1).view(2, 2, 4, 3)
    counted = torch.tensor([[True, False], [True, True]])
    assert torch.autograd.gradcheck(lambda x: map_loss(kind, x, targets, counted), _random(2, 2, 4, 3).requires_grad_())


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_displacement_costs_the_same_in_every_kind_of_loss(kind: MapLoss) -> None:
    away = 0.05
    logits = _gaussian(15.3 + away, 16.1).log()
    loss = map_loss(kind, logits, _gaussian(15.3, 16.1), torch.ones(1, 1, dtype=torch.bool))
    assert loss.item() == pytest.approx(away**2 / (2 * SIGMA_CELLS**2), rel=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_with_empty_cells_gives_finite_gradients_in_single_precision(kind: MapLoss) -> None:
    targets = torch.zeros(1, 1, 8, 8)
    targets[0, 0, 3, 3] = 1
    logits = (80 * _random(1, 1, 8, 8).float()).requires_grad_()
    torch.autograd.backward(map_loss(kind, logits, targets, torch.ones(1, 1, dtype=torch.bool)))
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_counts_is_no_loss_and_no_gradient(kind: MapLoss) -> None:
    logits = _random(1, 2, 4, 4).requires_grad_()
    loss = map_loss(kind, logits, torch.full((1, 2, 4, 4), 1 / 16), torch.zeros(1, 2, dtype=torch.bool))
    torch.autograd.backward(loss)
    assert loss == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


def test_probabilities_of_half_precision_maps_are_computed_in_single() -> None:
    assert log_probability(torch.zeros(1, 1, 2, 2, dtype=torch.bfloat16)).dtype == torch.float32


def test_regression_is_half_the_mean_squared_distance_over_labelled_points() -> None:
    points, wanted = _random(3, 4, 2), _random(3, 4, 2, seed=1)
    wanted[0, 1] = torch.nan
    wanted[2, 3, 0] = torch.nan
    squares = [
        sum((points[b, k, i] - wanted[b, k, i]).item() ** 2 for i in (0, 1)) / 2 / 2.5**2
        for b in range(3)
        for k in range(4)
        if wanted[b, k].isfinite().all()
    ]
    assert len(squares) == 10
    assert regression(points, wanted, 2.5).item() == pytest.approx(np.mean(squares), rel=1e-12)
    assert torch.autograd.gradcheck(lambda x: regression(x, wanted, 2.5), points.requires_grad_())


@pytest.mark.parametrize("kind", KINDS)
def test_unimodal_is_the_distance_from_a_gaussian_at_the_maps_own_point(kind: MapLoss) -> None:
    logits = 2 * _random(2, 3, 8, 8)
    points = torch.rand(2, 3, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 30
    likelihood = torch.tensor([[0.9, 0.01, 0.5], [0.05, 0.8, 0.04]], dtype=torch.float64)
    wanted = []
    for b, k in [(0, 0), (0, 2), (1, 0), (1, 1)]:
        x, y = ((points[b, k] + 0.5) / 4 - 0.5).tolist()
        rows, columns = np.mgrid[:8, :8]
        q = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 1.25**2)).ravel()
        p = np.exp(logits[b, k].numpy().ravel())
        wanted.append(_formula(kind, p / p.sum(), q / q.sum()))
    assert unimodal(logits, points, likelihood, 4, 0.05, kind).item() == pytest.approx(np.mean(wanted), rel=1e-9)


def test_unimodal_moves_the_map_and_neither_its_point_nor_its_likelihood() -> None:
    logits, points = _random(1, 2, 8, 8).requires_grad_(), (_random(1, 2, 2) + 10).requires_grad_()
    likelihood = torch.full((1, 2), 0.5, dtype=torch.float64, requires_grad=True)
    torch.autograd.backward(unimodal(logits, points, likelihood, 4, 0.05))
    assert logits.grad is not None
    assert points.grad is None
    assert likelihood.grad is None
    assert torch.autograd.gradcheck(lambda x: unimodal(x, points, likelihood, 4, 0.05), logits)


def test_a_map_of_one_gaussian_is_unimodal_and_one_of_two_is_not() -> None:
    one, two = _gaussian(8.2, 9.1), (_gaussian(8.2, 9.1) + _gaussian(22, 20)) / 2
    losses = []
    for maps in (one, two):
        points, likelihood = decode(maps.log(), 1)
        losses.append(unimodal(maps.log(), points.double(), likelihood, 1, 0.05).item())
    assert losses[0] < 1e-4
    assert losses[1] > 0.5
