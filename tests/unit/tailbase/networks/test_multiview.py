"""Views of one moment are looked at together."""

import pytest
import torch
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.networks.multiview import PATCH_PX, MultiviewTracker, mask_patches, masked_share
from tailbase.schema import PointState

BACKBONES = ("vit_tiny_patch16_224", "vit_small_patch14_reg4_dinov2", "vit_small_patch16_dinov3")


def _tracker(backbone: str = BACKBONES[0], views: int = 3) -> MultiviewTracker:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return MultiviewTracker(backbone, 2, (64, 96), views, width=8)


def _images(batch: int = 2, views: int = 3) -> Tensor:
    return torch.rand(batch, views, 3, 64, 96) * 255


@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_view_is_looked_at_for_every_pose(backbone: str) -> None:
    tracker = _tracker(backbone).eval()
    images = _images().requires_grad_()
    maps = tracker(images)
    assert maps.shape == (6, 2, 16, 24)
    (gradient,) = torch.autograd.grad(maps[0].square().sum(), images)
    felt = gradient.abs().sum((2, 3, 4))
    assert (felt[0] > 0).all()
    assert (felt[1] == 0).all()


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_single_view_is_the_transformer_itself(backbone: str) -> None:
    tracker = _tracker(backbone, views=1).eval()
    images = _images(views=1)
    with torch.no_grad():
        tracker.view.zero_()
        alone = tracker.head(tracker.backbone(tracker.normalized(images[:, 0])))
        torch.testing.assert_close(tracker(images), alone, rtol=1e-4, atol=1e-6)


def test_the_learned_vectors_tell_the_views_apart() -> None:
    tracker = _tracker().eval()
    images = _images(batch=1, views=1).expand(1, 3, -1, -1, -1)
    with torch.no_grad():
        told = tracker(images)
        tracker.view.zero_()
        untold = tracker(images)
    torch.testing.assert_close(untold[0], untold[1])
    assert (told[0] - told[1]).abs().max() > 10 * (untold[0] - untold[1]).abs().max()


def test_labels_teach_every_weight() -> None:
    tracker = _tracker()
    outputs = tracker(_images())
    points, states = torch.rand(6, 2, 2) * 60, torch.full((6, 2), int(PointState.VISIBLE))
    torch.autograd.backward(tracker.supervised(outputs, points, states, "kl"))
    assert [name for name, p in tracker.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []


def test_each_view_is_a_track_of_its_own() -> None:
    tracker = _tracker().eval()
    with torch.no_grad():
        outputs = tracker.clip(_images(batch=4))
    _, likelihood = tracker.decode(outputs)
    tracks = tracker.heads(outputs)
    assert len(tracks) == 3
    for view, track in enumerate(tracks):
        assert track.points.shape == (4, 2, 2)
        torch.testing.assert_close(track.likelihood, likelihood.view(4, 3, 2)[:, view])


def test_a_backbone_without_patches_is_refused() -> None:
    with pytest.raises(PoseError, match="vision transformer") as refused:
        _tracker("resnet10t")
    assert refused.value.code == "backbone.no_views"


def test_whole_patches_are_hidden_and_as_many_as_asked_for() -> None:
    images = _images(batch=40) + 1000
    hidden = mask_patches(images, 0.25, torch.Generator().manual_seed(3)) < 1000
    patches = hidden[:, :, 0].unfold(2, PATCH_PX, PATCH_PX).unfold(3, PATCH_PX, PATCH_PX).flatten(-2)
    assert torch.equal(patches.any(-1), patches.all(-1))
    assert abs(patches.float().mean() - 0.25) < 0.02
    again = mask_patches(images, 0.25, torch.Generator().manual_seed(3)) < 1000
    assert torch.equal(hidden, again)


def test_hiding_begins_late_and_ends_at_a_half() -> None:
    assert masked_share(0.0) == masked_share(2 / 15) == 0
    assert masked_share(1.0) == 0.5
    assert 0.2 < masked_share(0.6) < 0.3


def test_it_learns_from_one_view_what_another_cannot_show() -> None:
    """Two spots of the first view look alike; which is the first keypoint, only the second view tells."""
    torch.manual_seed(0)
    tracker = MultiviewTracker(BACKBONES[0], 2, (32, 64), views=2, width=16)
    del tracker.backbone.model.blocks[3:]
    places = torch.tensor([[16.0, 16.0], [48.0, 16.0]])
    points = torch.stack([places, places, places.flip(0), places])
    states = torch.tensor([int(PointState.VISIBLE), int(PointState.UNLABELED)]).repeat(2)[:, None].expand(4, 2)
    images = torch.zeros(2, 2, 3, 32, 64)
    images[:, 0, :, 12:20, [*range(12, 20), *range(44, 52)]] = 255
    images[0, 1] = 255
    optimizer = torch.optim.Adam(tracker.parameters(), lr=1e-3)
    for _ in range(50):
        optimizer.zero_grad()
        torch.autograd.backward(tracker.supervised(tracker(images), points, states, "kl"))
        optimizer.step()
    tracker.eval()
    assert tracker.supervised(tracker(images), points, states, "kl") < 0.3
    images[0, 1] = 0
    assert tracker.supervised(tracker(images), points, states, "kl") > 0.5
