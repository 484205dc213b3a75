"""LEAP's network (Pereira et al. 2019): fifteen plain layers from a grey image to maps of the image's own size."""

from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from typing_extensions import override

from tailbase.losses.supervised import mean_of
from tailbase.networks.heatmaps import labelled, peak, summit, window_at
from tailbase.networks.tracker import Outputs, Track, Tracker
from tailbase.schema import MapLoss

SIGMA_PX = 5.0
"""Standard deviation of a target's Gaussian, whose peak is 1."""

_STEP = 5
_REACH = 15
_LUMINANCE = (0.299, 0.587, 0.114)


class LeapTracker(Tracker):
    """Three times three 3 x 3 convolutions, halved twice by the largest of four; then doubled twice to linear maps.

    Its outputs are one tensor of maps, which imitate Gaussians of peak 1. The published decoding takes the largest
    pixel; here the top of the bell around it is found between pixels. The likelihood is the map's value there, at most
    1: how well the map imitates a Gaussian, not a probability.

    There are no pretrained weights; `backbone` is the part up to the coarsest features.
    """

    stride = 1

    def __init__(self, keypoints: int, width: int = 64) -> None:
        super().__init__()
        halve = nn.MaxPool2d(2)
        self.backbone = nn.Sequential(
            *_convolutions(1, width, 3), halve,
            *_convolutions(width, 2 * width, 3), halve,
            *_convolutions(2 * width, 4 * width, 3),
        )  # fmt: skip
        self.head = nn.Sequential(
            _doubling(4 * width, 2 * width), nn.ReLU(inplace=True), *_convolutions(2 * width, 2 * width, 2)
        )
        self.maps = _doubling(2 * width, keypoints)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    @override
    def normalized(self, images: Float[Tensor, "*any 3 height width"]) -> Float[Tensor, "*any 1 height width"]:
        """Grey, 0 to 1."""
        luminance = images.new_tensor(_LUMINANCE)[:, None, None] / 255
        return (images * luminance).sum(-3, keepdim=True)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch keypoint height width"]:
        """Maps for images with values 0 to 255."""
        features = self.head(self.backbone(self.normalized(images)))
        with torch.autocast(features.device.type, enabled=False):
            maps: Tensor = self.maps(features.float())
        return maps

    @override
    def supervised(
        self,
        outputs: Outputs,
        points: Float[Tensor, "batch keypoint 2"],
        states: Int[Tensor, "batch keypoint"],
        loss: MapLoss,
    ) -> Float[Tensor, ""]:
        """Squared differences in units of a Gaussian's own, so that an empty map costs 1; `loss` is for probabilities.

        An absent point, or one that has left the image, has an empty map.
        """
        maps = _maps(outputs)
        size = (maps.shape[-2], maps.shape[-1])
        inside, counted = labelled(points, states, size)
        wanted = torch.where(inside[..., None, None], bells(points.nan_to_num(), size), 0)
        squares = (maps - wanted).square().sum((-2, -1)) / (torch.pi * SIGMA_PX**2)
        return mean_of(squares, counted)

    def heads(self, outputs: Outputs) -> tuple[Track, ...]:
        """Points as centres of mass around the peaks. The maps are not those of a probability, so there are none."""
        maps = _maps(outputs).clamp(min=0)
        row, column = peak(maps.detach())
        window = window_at(maps, row, column, _REACH)
        total = window.sum((-2, -1)).clamp(min=1e-3)
        steps = torch.arange(-_REACH, _REACH + 1, device=maps.device)
        x = column + (window.sum(-2) * steps).sum(-1) / total
        y = row + (window.sum(-1) * steps).sum(-1) / total
        return (Track(torch.stack([x, y], dim=-1), _height(maps.detach()), None),)

    def decode(self, outputs: Outputs) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        maps = _maps(outputs).float().clamp(min=0)
        return summit(maps, *peak(maps), _STEP), _height(maps)


def bells(points: Float[Tensor, "batch keypoint 2"], size: tuple[int, int]) -> Float[Tensor, "batch keypoint h w"]:
    """Gaussians of peak 1 around points."""
    x, y = (
        torch.exp(-0.5 * ((torch.arange(length, device=points.device) - centre[..., None]) / SIGMA_PX) ** 2)
        for length, centre in zip((size[1], size[0]), points.unbind(-1), strict=True)
    )
    return y[..., :, None] * x[..., None, :]


def _height(maps: Tensor) -> Float[Tensor, "batch keypoint"]:
    return maps.flatten(2).amax(-1).clamp(max=1)


def _convolutions(inputs: int, outputs: int, count: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for index in range(count):
        layers += [nn.Conv2d(inputs if index == 0 else outputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
    return layers


def _doubling(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)


def _maps(outputs: Outputs) -> Float[Tensor, "batch keypoint height width"]:
    return cast(Tensor, outputs)
