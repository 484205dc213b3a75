"""The heatmap tracker: one image in, one map of logits per keypoint out."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, UInt8
from timm.data.constants import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch import Tensor, nn

from tailbase.networks.backbones import build_backbone, feature_layout
from tailbase.networks.heads import PyramidHead
from tailbase.networks.heatmaps import decode


class HeatmapTracker(nn.Module):
    """Backbone and pyramid head.

    Attributes:
        stride: pixels of the input per cell of the maps.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, backbone: str, keypoints: int, image_size: tuple[int, int], downsample_factor: int = 2, width: int = 64
    ) -> None:
        super().__init__()
        self.stride = 2**downsample_factor
        self.backbone = build_backbone(backbone, image_size)
        channels, strides = feature_layout(self.backbone)
        self.head = PyramidHead(channels, strides, keypoints, self.stride, width)
        self.register_buffer("mean", _per_channel(IMAGENET_DEFAULT_MEAN), persistent=False)
        self.register_buffer("std", _per_channel(IMAGENET_DEFAULT_STD), persistent=False)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch keypoint row column"]:
        """Logits for images with values 0 to 255."""
        features = self.backbone((images - self.mean) / self.std)
        maps: Tensor = self.head(features)
        return maps

    def predict(self, images: UInt8[Tensor, "batch 3 height width"]) -> tuple[Tensor, Tensor]:
        """Points in pixels of the input, shape (batch, keypoint, 2), and likelihoods, shape (batch, keypoint)."""
        return decode(self(images.to(self.mean.dtype)), self.stride)


def _per_channel(values: Sequence[float]) -> Tensor:
    return torch.tensor(values)[:, None, None] * 255


def as_channels_last(tracker: HeatmapTracker) -> HeatmapTracker:
    """The same network with its weights laid out for images whose channels lie together, which CPUs and GPUs prefer."""
    return tracker.to(memory_format=torch.channels_last)
