"""The context network sees five frames and says one pose."""

import math

import pytest
import torch
from torch import Tensor

from tailbase.networks.context import REACH, ContextTracker
from tailbase.schema import PointState

WINDOW = 2 * REACH + 1


@pytest.fixture
def tracker() -> ContextTracker:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return ContextTracker("compact", 2, (64, 96), width=16)


def _frames(count: int) -> Tensor:
    return torch.rand(count, 3, 64, 96) * 255


def test_a_clip_gives_what_its_windows_give(tracker: ContextTracker) -> None:
    tracker.eval()
    frames = _frames(8)
    windows = torch.stack([frames[start : start + WINDOW] for start in range(4)])
    with torch.no_grad():
        for by_clip, by_window in zip(tracker.clip(frames), tracker(windows), strict=True):
            assert by_clip.shape == (4, 2, 16, 24)
            torch.testing.assert_close(by_clip, by_window, rtol=1e-4, atol=1e-6)


def test_the_first_head_sees_the_middle_frame_and_the_second_all_five(tracker: ContextTracker) -> None:
    tracker.eval()
    window = _frames(WINDOW)[None].requires_grad_()
    for maps, seen in zip(tracker(window), ([REACH], list(range(WINDOW))), strict=True):
        (gradient,) = torch.autograd.grad(maps.square().sum(), window, retain_graph=True)
        assert gradient[0].abs().sum((1, 2, 3)).nonzero().flatten().tolist() == seen


def test_what_lies_beyond_two_frames_does_not_matter(tracker: ContextTracker) -> None:
    tracker.eval()
    frames = _frames(9)
    changed = frames.clone()
    changed[0] = 0
    with torch.no_grad():
        for before, after in zip(tracker.clip(frames), tracker.clip(changed), strict=True):
            torch.testing.assert_close(before[1:], after[1:])


def _peaked(x: float, height: float) -> Tensor:
    """A map of one keypoint whose logits peak at column x of row 8."""
    row, column = torch.arange(16.0)[:, None], torch.arange(24.0)
    return (height * torch.exp(-((row - 8) ** 2 + (column - x) ** 2) / 4))[None, None]


def test_of_each_keypoint_the_more_confident_head_wins(tracker: ContextTracker) -> None:
    sure, unsure = 20.0, 4.0
    alone = torch.cat([_peaked(5, sure), _peaked(5, unsure)], dim=1)
    together = torch.cat([_peaked(15, unsure), _peaked(15, sure)], dim=1)
    points, likelihood = tracker.decode((alone, together))
    torch.testing.assert_close(points[0, :, 0], torch.tensor([5.5 * 4 - 0.5, 15.5 * 4 - 0.5]), rtol=0, atol=0.05)
    assert (likelihood > 0.9).all()
    first, second = tracker.heads((alone, together))
    assert first.likelihood[0].argmax() == 0
    assert second.likelihood[0].argmax() == 1


def test_both_heads_count_equally(tracker: ContextTracker) -> None:
    points = torch.tensor([[[21.5, 33.5], [50.0, 20.0]]])
    states = torch.full((1, 2), int(PointState.VISIBLE))
    good = torch.cat([_peaked(5, 20.0), _peaked(5, 20.0)], dim=1)
    flat = torch.zeros_like(good)
    one = tracker.supervised((good, flat), points, states, "kl")
    other = tracker.supervised((flat, good), points, states, "kl")
    torch.testing.assert_close(one, other)


def test_it_learns_from_its_neighbours_what_one_frame_cannot_show() -> None:
    """Two spots look alike; which is the first keypoint, only the frames before tell, where it is dark."""
    torch.manual_seed(0)
    tracker = ContextTracker("compact", 2, (32, 64), width=16)
    places = torch.tensor([[16.0, 16.0], [48.0, 16.0]])
    points, states = torch.stack([places, places.flip(0)]), torch.full((2, 2), int(PointState.VISIBLE))
    windows = torch.zeros(2, WINDOW, 3, 32, 64)
    windows[..., 12:20, [*range(12, 20), *range(44, 52)]] = 255
    windows[0, :REACH, ..., :32] = 0
    windows[1, :REACH, ..., 32:] = 0
    optimizer = torch.optim.Adam(tracker.parameters(), lr=1e-2)
    for _ in range(50):
        optimizer.zero_grad()
        torch.autograd.backward(tracker.supervised(tracker(windows), points, states, "kl"))
        optimizer.step()
    alone, together = tracker(windows)
    assert tracker.supervised((alone, alone), points, states, "kl") > 0.9 * math.log(2)
    assert tracker.supervised((together, together), points, states, "kl") < 0.2
