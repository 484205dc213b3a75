"""The regression tracker: points straight from pooled features, without maps."""

from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from tailbase.losses.supervised import mean_of, regression
from tailbase.networks.backbones import build_backbone, feature_layout
from tailbase.networks.heatmaps import SIGMA_CELLS, labelled
from tailbase.networks.tracker import Outputs, Track, Tracker
from tailbase.schema import MapLoss

_STRIDE = 4
_GRID = 4
NEAR_PX = 2.5 * _STRIDE
"""A point counts as found within this many pixels of the input, as in maps of a quarter of the image's size."""


class RegressionTracker(Tracker):
    """Its outputs are one tensor, shape (batch, keypoint, 3): x, y in pixels of the input, and a logit of certainty.

    The last features are averaged over at most 4 x 4 fields rather than over the whole image, so that where something
    lies survives the pooling; one linear layer gives the points.

    The likelihood is what the network believes the probability to be that its point lies within `NEAR_PX` of the truth.
    It learns this from its own errors on the training images, which become small, so on images unlike them it is too
    sure; a map's likelihood, which sees rival places, is the better one.
    """

    def __init__(self, backbone: str, keypoints: int, image_size: tuple[int, int], width: int = 64) -> None:
        super().__init__()
        self.stride = _STRIDE
        self.backbone = build_backbone(backbone, image_size)
        channels, strides = feature_layout(self.backbone)
        rows, columns = (_divisor(side // strides[-1]) for side in image_size)
        self.pooling = nn.Sequential(
            nn.Conv2d(channels[-1], width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.AvgPool2d((image_size[0] // strides[-1] // rows, image_size[1] // strides[-1] // columns)),
            nn.Flatten(),
        )
        self.answer = nn.Linear(width * rows * columns, 3 * keypoints)
        nn.init.normal_(self.answer.weight, std=0.01)
        nn.init.zeros_(self.answer.bias)
        self.image_size = image_size

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch keypoint 3"]:
        pooled = self.pooling(self.backbone(self.normalized(images))[-1])
        with torch.autocast(pooled.device.type, enabled=False):
            answers = self.answer(pooled.float()).view(len(images), -1, 3)
        height, width = self.image_size
        size = answers.new_tensor([width, height])
        return torch.cat([(answers[..., :2] + 0.5) * size - 0.5, answers[..., 2:]], dim=-1)

    @override
    def supervised(
        self,
        outputs: Outputs,
        points: Float[Tensor, "batch keypoint 2"],
        states: Int[Tensor, "batch keypoint"],
        loss: MapLoss,
    ) -> Float[Tensor, ""]:
        """Squared distance in units of a map's Gaussian, and cross entropy of the certainty; `loss` is for maps."""
        found, logit = _found(outputs)
        inside, counted = labelled(points, states, self.image_size)
        near = inside & ((found.detach() - points).norm(dim=-1) <= NEAR_PX)
        doubt = functional.binary_cross_entropy_with_logits(logit, near.to(logit.dtype), reduction="none")
        placed = torch.where(inside[..., None], points, torch.nan)
        return regression(found, placed, SIGMA_CELLS * self.stride) + mean_of(doubt, counted)

    def heads(self, outputs: Outputs) -> tuple[Track, ...]:
        points, likelihood = self.decode(outputs)
        return (Track(points, likelihood.detach(), None),)

    def decode(self, outputs: Outputs) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        points, logit = _found(outputs)
        return points, logit.sigmoid()


def _divisor(cells: int) -> int:
    """Into how many equal fields a row of cells is divided."""
    return max(fields for fields in range(1, _GRID + 1) if cells % fields == 0)


def _found(outputs: Outputs) -> tuple[Tensor, Tensor]:
    answers = cast(Tensor, outputs)
    return answers[..., :2], answers[..., 2]
