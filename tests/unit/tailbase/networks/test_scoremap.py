"""Scores and offsets, and points read back from them."""

import pytest
import torch
from torch import Tensor

from tailbase.networks.scoremap import OFFSET_PX, RADIUS_PX, ScoremapTracker, centres, score_targets
from tailbase.schema import PointState

SIZE = (96, 128)


def _tracker(factor: int) -> ScoremapTracker:
    torch.manual_seed(0)
    return ScoremapTracker("compact", 2, SIZE, factor, width=8)


def _perfect(points: Tensor, stride: int) -> Tensor:
    states = torch.full(points.shape[:2], int(PointState.VISIBLE))
    seen, ways, _ = score_targets(points, states, (SIZE[0] // stride, SIZE[1] // stride), stride)
    return torch.cat([torch.where(seen, 8.0, -8.0)[:, :, None], ways / OFFSET_PX], dim=2)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_perfect_maps_give_the_point_back_anywhere_in_the_image(factor: int) -> None:
    tracker = _tracker(factor)
    points = torch.rand(60, 2, 2) * torch.tensor([SIZE[1] - 1.0, SIZE[0] - 1.0])
    points[0] = torch.tensor([[-0.4, -0.4], [SIZE[1] - 0.6, SIZE[0] - 0.6]])
    found, likelihood = tracker.decode(_perfect(points, tracker.stride))
    torch.testing.assert_close(found, points, rtol=0, atol=0.05)
    assert (likelihood > 0.99).all()


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_bell_shaped_scores_without_offsets_are_not_shifted(factor: int) -> None:
    tracker = _tracker(factor)
    stride = tracker.stride
    where = torch.rand(400, 1, 2) * 24 + torch.tensor([48.0, 32.0])
    cells = centres((SIZE[0] // stride, SIZE[1] // stride), stride, where)
    distance = (cells - where[..., None, None]).norm(dim=2)
    maps = torch.cat([(4 - distance**2 / 200)[:, :, None], torch.zeros(400, 1, 2, *distance.shape[-2:])], dim=2)
    found, _ = tracker.decode(maps)
    assert (found - where).mean((0, 1)).abs().max() < 0.05 * stride


def test_the_offsets_decide_within_a_cell() -> None:
    tracker = _tracker(3)
    maps = _perfect(torch.tensor([[[40.0, 40.0], [80.0, 60.0]]]), 8)
    maps[:, 0, 1] += 3 / OFFSET_PX
    maps[:, 1, 2] -= 2 / OFFSET_PX
    found, _ = tracker.decode(maps)
    torch.testing.assert_close(found, torch.tensor([[[43.0, 40.0], [80.0, 58.0]]]), rtol=0, atol=0.02)


def test_perfect_maps_cost_nothing_and_offsets_count_only_where_a_point_is_seen() -> None:
    tracker = _tracker(3)
    points = torch.tensor([[[40.0, 40.0], [80.0, 60.0]]])
    states = torch.full((1, 2), int(PointState.VISIBLE))
    maps = _perfect(points, 8)
    maps[:, :, 0] *= 4
    assert tracker.supervised(maps, points, states, "kl") < 1e-4
    far = (centres((12, 16), 8, points) - points[..., None, None]).norm(dim=2) > RADIUS_PX
    maps[:, :, 1:] += far[:, :, None] * 100.0
    assert tracker.supervised(maps, points, states, "kl") < 1e-4


def test_a_point_outside_the_image_is_seen_by_no_cell() -> None:
    points = torch.tensor([[[-5.0, 40.0], [float("nan"), float("nan")]]])
    states = torch.tensor([[int(PointState.VISIBLE), int(PointState.ABSENT)]])
    seen, _, counted = score_targets(points, states, (12, 16), 8)
    assert not seen.any()
    assert counted.all()
