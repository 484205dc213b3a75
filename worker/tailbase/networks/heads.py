"""Heads: from a backbone's features at several strides to one map of logits per keypoint."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


class PyramidHead(nn.Module):
    """Joins coarse features, which know what a point is, with fine ones, which know where (Lin et al. 2017, FPN).

    From the coarsest stride to the map's, each step doubles the size, adds the backbone's features of that stride where
    it has them, and mixes by a 3 x 3 convolution with batch normalisation and ReLU. At the maps' stride every cell is
    then told what lies in its row and column, and a 1 x 1 convolution gives the maps.

    Args:
        channels: of the backbone's features, fine to coarse.
        strides: of the same, in pixels of the input.
        keypoints: number of maps.
        map_stride: of the maps; a power of two, at most the coarsest stride.
        width: channels of the head.
    """

    def __init__(self, channels: list[int], strides: list[int], keypoints: int, map_stride: int, width: int) -> None:
        super().__init__()
        source = {stride: index for index, stride in enumerate(strides)}
        self.levels = _halvings(strides[-1], map_stride)
        self.sources = [source.get(stride) for stride in self.levels]
        self.laterals = nn.ModuleList(
            nn.Conv2d(channels[i], width, 1, bias=False) if i is not None else nn.Identity() for i in self.sources
        )
        self.mixers = nn.ModuleList(mixer(width) for _ in self.levels)
        self.strips = StripContext(width)
        self.maps = nn.Conv2d(width, keypoints, 1)
        nn.init.normal_(self.maps.weight, std=0.01)

    def forward(self, features: list[Tensor]) -> Float[Tensor, "batch keypoint row column"]:
        return exact_maps(self.maps, self.strips(self.join(features)))

    def join(self, features: list[Tensor], stop: int | None = None) -> Float[Tensor, "batch width row column"]:
        """What the levels up to `stop`, which is left out, know together; all of them by default."""
        return self.refine(features, self.mixers[0](self.laterals[0](features[-1])), 1, stop)

    def refine(
        self,
        features: list[Tensor],
        joined: Float[Tensor, "batch width row column"],
        start: int,
        stop: int | None = None,
    ) -> Float[Tensor, "batch width row column"]:
        """What `join(features, start)` gave, joined with the levels from `start` on."""
        for level in range(start, len(self.levels) if stop is None else stop):
            joined = functional.interpolate(joined, scale_factor=2.0, mode="bilinear", align_corners=False)
            source = self.sources[level]
            if source is not None:
                joined = joined + self.laterals[level](features[source])
            joined = self.mixers[level](joined)
        return joined


def exact_maps(layer: nn.Conv2d, features: Float[Tensor, "batch width row column"]) -> Tensor:
    """Maps in float32: sub-cell places come from small differences between cells, which bfloat16 would round away."""
    with torch.autocast(features.device.type, enabled=False):
        maps: Tensor = layer(features.float())
    return maps


class StripContext(nn.Module):
    """Tells every cell the strongest features of its row and of its column (strip pooling, Hou et al. 2020, by maxima).

    A mirror or a second view puts the same body part into the same column or row of the image, often far from where it
    is hard to tell: the far paws seen from the side are told apart by where they stand seen from above.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.column = nn.Conv2d(width, width, (1, 3), padding=(0, 1))
        self.row = nn.Conv2d(width, width, (3, 1), padding=(1, 0))
        self.mixer = mixer(width)

    def forward(self, x: Float[Tensor, "batch width row column"]) -> Float[Tensor, "batch width row column"]:
        told = self.column(x.amax(-2, keepdim=True)) + self.row(x.amax(-1, keepdim=True))
        mixed: Tensor = self.mixer(x + told)
        return x + mixed


def _halvings(coarsest: int, finest: int) -> list[int]:
    strides = [coarsest]
    while strides[-1] > finest:
        strides.append(strides[-1] // 2)
    return strides


def mixer(width: int) -> nn.Sequential:
    """3 x 3 convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
    )
