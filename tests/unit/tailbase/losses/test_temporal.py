"""How far points and maps jump, against plain loops in double precision."""

import math
from typing import Literal

import numpy as np
import pytest
import torch

from tailbase.losses.temporal import temporal, temporal_heatmap

LEAST = 0.05


def _clip(frames: int = 6, keypoints: int = 3, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    points = 20 * torch.rand(frames, keypoints, 2, generator=random, dtype=torch.float64)
    likelihood = torch.rand(frames, keypoints, generator=random, dtype=torch.float64)
    likelihood[likelihood < 0.3] = 0.01
    return points, likelihood


def _formula(points: np.ndarray, likelihood: np.ndarray, epsilon: list[float]) -> float:
    frames, keypoints = likelihood.shape
    total = 0.0
    for t in range(1, frames):
        for k in range(keypoints):
            if min(likelihood[t, k], likelihood[t - 1, k]) >= LEAST and not np.isnan(points[t - 1 : t + 1, k]).any():
                total += max(math.dist(points[t, k], points[t - 1, k]) - epsilon[k], 0)
    return total / ((frames - 1) * keypoints)


def test_the_loss_is_the_mean_step_beyond_epsilon_between_likely_points() -> None:
    points, likelihood = _clip()
    assert (likelihood < LEAST).any()
    epsilon = [3.0, 5.0, 0.0]
    found = temporal(points, likelihood, torch.tensor(epsilon, dtype=torch.float64), LEAST)
    assert found.item() == pytest.approx(_formula(points.numpy(), likelihood.numpy(), epsilon), rel=1e-12)
    assert temporal(points, likelihood, 4.0, LEAST).item() == pytest.approx(
        _formula(points.numpy(), likelihood.numpy(), [4.0] * 3), rel=1e-12
    )


def test_the_gradient_is_that_of_differences() -> None:
    points, likelihood = _clip()
    assert torch.autograd.gradcheck(lambda x: temporal(x, likelihood, 3.0, LEAST), points.requires_grad_())


def test_points_without_a_place_count_as_no_step_and_get_no_gradient() -> None:
    points, likelihood = _clip()
    points[2, 1] = torch.nan
    points.requires_grad_()
    loss = temporal(points, likelihood, 3.0, LEAST)
    torch.autograd.backward(loss)
    assert loss.item() == pytest.approx(_formula(points.detach().numpy(), likelihood.numpy(), [3.0] * 3), rel=1e-12)
    assert points.grad is not None
    assert points.grad.isfinite().all()
    assert (points.grad[2, 1] == 0).all()


def test_an_animal_that_stands_still_gives_finite_gradients() -> None:
    points = torch.ones(4, 2, 2, dtype=torch.float64, requires_grad=True)
    torch.autograd.backward(temporal(points, torch.ones(4, 2), 0.0, LEAST))
    assert points.grad is not None
    assert (points.grad == 0).all()


def test_no_gradient_flows_through_the_gate_and_an_unlikely_point_is_not_moved() -> None:
    points, likelihood = _clip()
    points.requires_grad_()
    likelihood.requires_grad_()
    torch.autograd.backward(temporal(points, likelihood, 0.0, LEAST))
    assert likelihood.grad is None
    assert points.grad is not None
    assert (points.grad[likelihood < LEAST] == 0).all()
    assert points.grad.abs().sum() > 0


def test_no_step_crosses_the_border_of_a_clip_or_leads_from_one_head_to_another() -> None:
    first, _ = _clip(seed=1)
    second, _ = _clip(seed=2)
    sure = torch.ones(2, 6, 3, dtype=torch.float64)
    each = [temporal(clip, sure[0], 2.0, LEAST) for clip in (first, second + 1000)]
    together = temporal(torch.stack([first, second + 1000]), sure, 2.0, LEAST)
    assert together.item() == pytest.approx(float(np.mean([one.item() for one in each])), rel=1e-12)
    joined = temporal(torch.cat([first, second + 1000]), sure.flatten(0, 1), 2.0, LEAST)
    assert joined > together + 10


@pytest.mark.parametrize("kind", ["mse", "kl"])
def test_the_loss_of_maps_is_the_mean_distance_of_neighbouring_maps(kind: Literal["mse", "kl"]) -> None:
    _, likelihood = _clip(4, 2)
    likelihood[0] = 1
    random = torch.Generator().manual_seed(3)
    logits = torch.randn(4, 2, 5, 4, generator=random, dtype=torch.float64)
    maps = torch.softmax(logits.flatten(2), -1).numpy()
    total = 0.0
    for t in range(1, 4):
        for k in range(2):
            p, q = maps[t - 1, k], maps[t, k]
            if kind == "mse":
                each = 4 * math.pi * 1.25**2 * ((p - q) ** 2).sum()
            else:
                each = ((p * np.log(p / q)).sum() + (q * np.log(q / p)).sum()) / 2
            total += max(each - 0.1, 0) if min(likelihood[t, k], likelihood[t - 1, k]) >= LEAST else 0
    found = temporal_heatmap(logits, likelihood, LEAST, kind, 0.1)
    assert found.item() == pytest.approx(total / 6, rel=1e-12)
    assert total > 0
    assert torch.autograd.gradcheck(
        lambda x: temporal_heatmap(x, likelihood, LEAST, kind, 0.1), logits.requires_grad_()
    )
