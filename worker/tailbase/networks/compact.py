"""A small backbone of our own, for learning from a few images without pretrained weights."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

NAME = "compact"
"""Its name among the backbones."""

_CHANNELS = (24, 48, 96, 128, 160)


class Compact(nn.Module):
    """Five stages of two 3 x 3 convolutions with batch normalisation and ReLU, each at half the size of the one before.

    Plain convolutions learn faster from random weights than the depthwise ones of mobile networks. The image is first
    brought to zero mean and unit variance per channel (instance normalisation), so that light and the colour of a
    recording, which forty frames of one scene cannot teach, matter less.

    Attributes:
        channels: of the features, fine to coarse.
        strides: of the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.channels = list(_CHANNELS)
        self.strides = [2 << stage for stage in range(len(_CHANNELS))]
        inputs = (3, *_CHANNELS)
        self.stages = nn.ModuleList(
            nn.Sequential(*_block(before, after, 2), *_block(after, after, 1)) for before, after in pairwise(inputs)
        )

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> list[Tensor]:
        """The features of every stage."""
        x = functional.instance_norm(images)
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


def _block(inputs: int, outputs: int, stride: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
