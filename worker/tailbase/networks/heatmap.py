"""The heatmap tracker: one image in, one map of logits per keypoint out."""

from typing import cast

from jaxtyping import Float, Int
from torch import Tensor

from tailbase.losses.supervised import map_loss
from tailbase.networks.backbones import build_backbone, feature_layout
from tailbase.networks.heads import PyramidHead
from tailbase.networks.heatmaps import decode, decode_with_gradient, gaussian_targets
from tailbase.networks.tracker import Outputs, Track, Tracker
from tailbase.schema import MapLoss


class HeatmapTracker(Tracker):
    """Backbone and pyramid head; its outputs are one tensor of logits."""

    def __init__(
        self, backbone: str, keypoints: int, image_size: tuple[int, int], downsample_factor: int = 2, width: int = 64
    ) -> None:
        super().__init__()
        self.stride = 2**downsample_factor
        self.backbone = build_backbone(backbone, image_size)
        channels, strides = feature_layout(self.backbone)
        self.head = PyramidHead(channels, strides, keypoints, self.stride, width)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch keypoint row column"]:
        """Logits for images with values 0 to 255."""
        maps: Tensor = self.head(self.backbone(self.normalized(images)))
        return maps

    def supervised(
        self,
        outputs: Outputs,
        points: Float[Tensor, "batch keypoint 2"],
        states: Int[Tensor, "batch keypoint"],
        loss: MapLoss,
    ) -> Float[Tensor, ""]:
        logits = _maps(outputs)
        targets, counted = gaussian_targets(points, states, (logits.shape[-2], logits.shape[-1]), self.stride)
        return map_loss(loss, logits, targets, counted)

    def heads(self, outputs: Outputs) -> tuple[Track, ...]:
        logits = _maps(outputs)
        return (Track(*decode_with_gradient(logits, self.stride), logits),)

    def decode(self, outputs: Outputs) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        return decode(_maps(outputs), self.stride)


def _maps(outputs: Outputs) -> Float[Tensor, "batch keypoint row column"]:
    return cast(Tensor, outputs)
