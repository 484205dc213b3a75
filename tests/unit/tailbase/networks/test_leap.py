"""LEAP's network and the points between pixels that are read from its maps."""

import torch
from torch import nn

from tailbase.networks.leap import SIGMA_PX, LeapTracker, bells
from tailbase.schema import PointState


def test_it_has_the_layers_of_the_paper() -> None:
    layers = [m for m in LeapTracker(32, width=64).modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    assert [layer.out_channels for layer in layers] == [64] * 3 + [128] * 3 + [256] * 3 + [128] * 3 + [32]
    assert all(layer.kernel_size == (3, 3) for layer in layers)


def test_bells_give_their_places_back_anywhere_in_the_image() -> None:
    torch.manual_seed(0)
    points = torch.rand(50, 2, 2) * torch.tensor([95.0, 63.0])
    points[0] = torch.tensor([[0.0, 0.3], [95.0, 62.6]])
    tracker = LeapTracker(2, width=8)
    found, likelihood = tracker.decode(bells(points, (64, 96)))
    torch.testing.assert_close(found, points, rtol=0, atol=0.01)
    assert (likelihood > 0.98).all()


def test_points_that_carry_gradients_agree_with_the_decoded_ones() -> None:
    points = 30 + torch.rand(20, 2, 2) * 20
    (track,) = LeapTracker(2, width=8).heads(bells(points, (80, 96)))
    torch.testing.assert_close(track.points, points, rtol=0, atol=0.1)
    assert track.maps is None


def test_an_empty_map_costs_one_and_the_right_one_nothing() -> None:
    points = torch.tensor([[[40.0, 40.0]]])
    states = torch.full((1, 1), int(PointState.VISIBLE))
    tracker = LeapTracker(1, width=8)
    right = bells(points, (80, 96))
    assert tracker.supervised(right, points, states, "kl") == 0
    empty = tracker.supervised(torch.zeros_like(right), points, states, "kl")
    torch.testing.assert_close(empty, torch.tensor(1.0), rtol=0, atol=1e-3)


def test_colours_of_equal_lightness_look_alike() -> None:
    tracker = LeapTracker(1, width=8).eval()
    grey = torch.full((1, 3, 32, 32), 0.299 * 200)
    red = torch.zeros(1, 3, 32, 32)
    red[:, 0] = 200
    torch.testing.assert_close(tracker(grey), tracker(red))


def test_a_target_is_as_wide_as_leaps() -> None:
    bell = bells(torch.tensor([[[48.0, 32.0]]]), (64, 96))[0, 0]
    assert bell[32, 48] == 1
    torch.testing.assert_close(bell[32, 48 + int(SIGMA_PX)], torch.tensor(-0.5).exp())
