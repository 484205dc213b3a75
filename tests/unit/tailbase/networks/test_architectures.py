"""What every architecture promises to training and prediction."""

from typing import get_args

import pytest
import torch
from torch import Tensor

from tailbase.networks.architectures import new_tracker
from tailbase.networks.tracker import Outputs, Tracker
from tailbase.schema import Architecture, Keypoint, PointState, Skeleton, TrainSpec

SKELETON = Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail"), Keypoint(name="paw")))
ARCHITECTURES = get_args(Architecture)


def _tracker(architecture: Architecture) -> Tracker:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    spec = TrainSpec(
        architecture=architecture, backbone="compact", weights="none", image_height=64, image_width=96, head_width=8
    )
    return new_tracker(spec, SKELETON)


def _images(tracker: Tracker, count: int) -> Tensor:
    window = (2 * tracker.reach + 1,) if tracker.reach else ()
    return torch.rand(count, *window, 3, 64, 96) * 255


def _points() -> Tensor:
    return torch.tensor([[[20.0, 30.0], [70.5, 12.25], [41.0, 50.0]]]).repeat(2, 1, 1)


def _states(*values: PointState) -> Tensor:
    return torch.tensor([[int(value) for value in values]] * 2)


def _each(outputs: Outputs) -> tuple[Tensor, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_clip_gives_what_forward_gives(architecture: Architecture) -> None:
    tracker = _tracker(architecture).eval()
    length = 2 * tracker.reach + 3
    frames = torch.rand(length, 3, 64, 96) * 255
    starts = range(length - 2 * tracker.reach)
    images = torch.stack([frames[s : s + 2 * tracker.reach + 1] for s in starts]) if tracker.reach else frames
    with torch.no_grad():
        for by_clip, by_image in zip(_each(tracker.clip(frames)), _each(tracker(images)), strict=True):
            torch.testing.assert_close(by_clip, by_image, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_decoding_gives_a_point_and_a_likelihood_for_every_keypoint(architecture: Architecture) -> None:
    tracker = _tracker(architecture).eval()
    with torch.no_grad():
        points, likelihood = tracker.decode(tracker(_images(tracker, 2)))
    assert points.shape == (2, 3, 2)
    assert points.isfinite().all()
    assert likelihood.shape == (2, 3)
    assert ((likelihood >= 0) & (likelihood <= 1)).all()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_labels_and_the_points_themselves_teach_every_weight(architecture: Architecture) -> None:
    tracker = _tracker(architecture)
    outputs = tracker(_images(tracker, 2))
    loss = tracker.supervised(outputs, _points(), _states(*[PointState.VISIBLE] * 3), "kl")
    tracks = tracker.heads(outputs)
    torch.autograd.backward(loss + sum(track.points.mean() for track in tracks))
    missing = [name for name, p in tracker.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert missing == []
    assert not any(track.likelihood.requires_grad for track in tracks)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_unlabelled_point_teaches_nothing_and_an_absent_one_does(architecture: Architecture) -> None:
    tracker = _tracker(architecture).eval()
    outputs = tracker(_images(tracker, 2))
    points = _points()
    points[:, 1:] = torch.nan
    seen, unlabelled, absent = PointState.VISIBLE, PointState.UNLABELED, PointState.ABSENT

    def loss(*states: PointState) -> Tensor:
        return tracker.supervised(outputs, points, _states(*states), "kl")

    one = loss(seen, unlabelled, unlabelled)
    (gradient,) = torch.autograd.grad(one, _each(outputs)[0], retain_graph=True)
    assert gradient[:, 0].any()
    assert not gradient[:, 1:].any()
    (gradient,) = torch.autograd.grad(loss(seen, absent, unlabelled), _each(outputs)[0])
    assert gradient[:, 1].any()
    assert not gradient[:, 2].any()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_nothing_labelled_is_no_loss(architecture: Architecture) -> None:
    tracker = _tracker(architecture)
    outputs = tracker(_images(tracker, 2))
    unlabelled = tracker.supervised(outputs, _points() * torch.nan, _states(*[PointState.UNLABELED] * 3), "kl")
    assert unlabelled == 0


@pytest.mark.parametrize(("architecture", "rate"), [("regression", 5e-3), ("scoremap", 5e-3), ("leap", 2e-3)])
def test_it_finds_the_points_of_images_it_has_learnt(architecture: Architecture, rate: float) -> None:
    tracker = _tracker(architecture)
    images = torch.full((2, 3, 64, 96), 40.0)
    points = _points()
    points[1, :, 0] -= 16
    for image, marks in zip(images, points, strict=True):
        for channel, (x, y) in enumerate(marks.round().int().tolist()):
            image[channel, y - 3 : y + 4, x - 3 : x + 4] = 250
    optimizer = torch.optim.Adam(tracker.parameters(), lr=rate)
    for _ in range(80):
        optimizer.zero_grad()
        loss = tracker.supervised(tracker(images), points, _states(*[PointState.VISIBLE] * 3), "kl")
        torch.autograd.backward(loss)
        optimizer.step()
    with torch.no_grad():
        found, _ = tracker.decode(tracker(images))
    assert (found - points).norm(dim=-1).max() < 2.5
