"""DeepLabCut's network (Mathis et al. 2018): a map of scores per keypoint, and at every cell the way to the point."""

from typing import cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from tailbase.losses.supervised import mean_of
from tailbase.networks.backbones import build_backbone, feature_layout
from tailbase.networks.heads import PyramidHead
from tailbase.networks.heatmaps import labelled, peak, to_cells, to_pixels, window_at
from tailbase.networks.tracker import Outputs, Track, Tracker
from tailbase.schema import MapLoss

RADIUS_PX = 17.0
"""Cells whose centres lie within this many pixels of the input from a point are taught to see it (as DeepLabCut)."""

OFFSET_PX = 7.2801
"""Unit of the offsets (as DeepLabCut)."""

_RARE = -3.0
_TINY = 1e-12


class ScoremapTracker(Tracker):
    """Its outputs are one tensor, shape (batch, keypoint, 3, row, column): a score's logit, and x, y of the offset.

    A point is found in three steps: the window with the highest scores, every cell of it votes for a place (its centre
    and its offset), and the votes are averaged with the squared scores as weights. The likelihood is the highest
    score in the window: how sure the network is that the point lies within `RADIUS_PX` of that cell.
    """

    def __init__(
        self, backbone: str, keypoints: int, image_size: tuple[int, int], downsample_factor: int = 3, width: int = 64
    ) -> None:
        super().__init__()
        self.stride = 2**downsample_factor
        self.backbone = build_backbone(backbone, image_size)
        channels, strides = feature_layout(self.backbone)
        self.head = PyramidHead(channels, strides, 3 * keypoints, self.stride, width)
        # Few cells see a point, and the network should not have to learn that first.
        self.head.maps.bias = nn.Parameter(torch.tensor([_RARE, 0.0, 0.0]).repeat(keypoints))

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch keypoint 3 row column"]:
        maps: Tensor = self.head(self.backbone(self.normalized(images)))
        return maps.view(len(maps), -1, 3, *maps.shape[-2:])

    @override
    def supervised(
        self,
        outputs: Outputs,
        points: Float[Tensor, "batch keypoint 2"],
        states: Int[Tensor, "batch keypoint"],
        loss: MapLoss,
    ) -> Float[Tensor, ""]:
        """Cross entropy of the scores, and Huber loss of the offsets of cells that see the point; `loss` is for maps.

        Both are per cell that sees a point, whatever the size of the image.
        """
        logits, offsets = _maps(outputs)
        seen, wanted, counted = score_targets(points, states, (logits.shape[-2], logits.shape[-1]), self.stride)
        scores = functional.binary_cross_entropy_with_logits(logits, seen.to(logits.dtype), reduction="none")
        ways = functional.huber_loss(offsets, wanted / OFFSET_PX, reduction="none").sum(2)
        cells_a_point = torch.pi * (RADIUS_PX / self.stride) ** 2
        return mean_of(scores.sum((-2, -1)), counted) / cells_a_point + mean_of(ways, seen)

    def heads(self, outputs: Outputs) -> tuple[Track, ...]:
        """The logits are those whose softmax is the scores divided by their sum."""
        points, likelihood = self.decode(outputs)
        return (Track(points, likelihood.detach(), functional.logsigmoid(_maps(outputs)[0])),)

    def decode(self, outputs: Outputs) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        """Gradients flow through the scores and offsets of the window."""
        logits, offsets = _maps(outputs)
        scores = logits.float().sigmoid()
        reach = max(round(RADIUS_PX / self.stride), 1)
        summed = functional.avg_pool2d(scores.detach(), 2 * reach + 1, stride=1, padding=reach)
        row, column = peak(summed)
        weights = window_at(scores, row, column, reach).square() + _TINY
        votes = centres(offsets.shape[-2:], self.stride, offsets) + offsets.float() * OFFSET_PX
        x, y = (window_at(votes[:, :, axis], row, column, reach) for axis in (0, 1))
        total = weights.sum((-2, -1))
        points = torch.stack([(weights * x).sum((-2, -1)), (weights * y).sum((-2, -1))], dim=-1) / total[..., None]
        return points, weights.amax((-2, -1)).sqrt()


def score_targets(
    points: Float[Tensor, "batch keypoint 2"], states: Int[Tensor, "batch keypoint"], size: tuple[int, int], stride: int
) -> tuple[
    Bool[Tensor, "batch keypoint row column"],
    Float[Tensor, "batch keypoint 2 row column"],
    Bool[Tensor, "batch keypoint"],
]:
    """Which cells see each point, the way from each cell to it in pixels of the input, and which points count.

    No cell sees a point that is absent or has left the image; an unlabelled point does not count.
    """
    inside, counted = labelled(to_cells(points, stride), states, size)
    ways = points.nan_to_num()[..., None, None] - centres(size, stride, points)
    seen = (ways.norm(dim=2) <= RADIUS_PX) & inside[..., None, None]
    return seen, ways, counted


def centres(size: tuple[int, ...], stride: int, like: Tensor) -> Float[Tensor, "2 row column"]:
    """Pixels of the input in the middle of each cell, x then y."""
    y, x = (to_pixels(torch.arange(length, device=like.device, dtype=torch.float32), stride) for length in size)
    return torch.stack([x.expand(size[0], -1), y[:, None].expand(-1, size[1])])


def _maps(outputs: Outputs) -> tuple[Tensor, Tensor]:
    maps = cast(Tensor, outputs)
    return maps[:, :, 0], maps[:, :, 1:]
