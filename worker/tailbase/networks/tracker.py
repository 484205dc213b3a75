"""What every architecture offers to training, evaluation and prediction."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, Num
from timm.data.constants import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch import Tensor, nn

from tailbase.schema import MapLoss

Outputs = Tensor | tuple[Tensor, ...]
"""What a network gives before decoding; only its own class knows what the tensors mean."""


@dataclass(frozen=True)
class Track:
    """What one head of a network says, with gradients, for losses that need no labels.

    Attributes:
        points: pixels of the input.
        likelihood: 0 to 1, without gradients.
        maps: logits, whose softmax is each point's distribution; None where the head gives points directly.
    """

    points: Float[Tensor, "batch keypoint 2"]
    likelihood: Float[Tensor, "batch keypoint"]
    maps: Float[Tensor, "batch keypoint row column"] | None


class Tracker(nn.Module, ABC):
    """A network that finds one point per keypoint in an image of a fixed size.

    Attributes:
        stride: pixels of the input per cell of the maps.
        reach: frames before and after the one asked for that the network looks at. Where it is above zero, `forward`
            takes windows, shape (batch, 2 reach + 1, 3, height, width), and `clip` gives outputs for all frames but
            the first and last `reach`.
        views: cameras that are looked at together. Where it is above one, `forward` takes (batch, view, 3, height,
            width) and `clip` (frame, view, 3, height, width); outputs, points and states have a row for each image,
            views running fastest, and `heads` gives a track for each view.
        backbone: the part that pretrained weights fill, and that may be frozen.
        coarse: the network that finds the animals for this one, which then looks at boxes around them.
    """

    mean: Tensor
    std: Tensor
    stride: int
    reach: int = 0
    views: int = 1
    backbone: nn.Module

    def __init__(self) -> None:
        super().__init__()
        self.coarse: Tracker | None = None
        self.register_buffer("mean", _per_channel(IMAGENET_DEFAULT_MEAN), persistent=False)
        self.register_buffer("std", _per_channel(IMAGENET_DEFAULT_STD), persistent=False)

    @abstractmethod
    def forward(self, images: Float[Tensor, "batch *window 3 height width"]) -> Outputs:
        """Outputs for images, or for the middle frames of windows, with values 0 to 255."""

    def clip(self, frames: Float[Tensor, "frame 3 height width"]) -> Outputs:
        """Outputs for consecutive frames, each encoded once; all but the first and last `reach`."""
        outputs: Outputs = self(frames)
        return outputs

    @abstractmethod
    def supervised(
        self,
        outputs: Outputs,
        points: Float[Tensor, "batch keypoint 2"],
        states: Int[Tensor, "batch keypoint"],
        loss: MapLoss,
    ) -> Float[Tensor, ""]:
        """How far the outputs are from labels: `points` in pixels of the input, `states` values of PointState."""

    @abstractmethod
    def heads(self, outputs: Outputs) -> tuple[Track, ...]:
        """What each head says; losses compare frames within a head, never between heads."""

    @abstractmethod
    def decode(self, outputs: Outputs) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        """The network's answer: points in pixels of the input, and likelihoods."""

    def normalized(self, images: Float[Tensor, "*any 3 height width"]) -> Float[Tensor, "*any 3 height width"]:
        """Images as the pretrained backbones know them."""
        return (images - self.mean) / self.std


def _per_channel(values: Sequence[float]) -> Tensor:
    return torch.tensor(values)[:, None, None] * 255


def as_channels_last(tracker: Tracker) -> Tracker:
    """The same network with its weights laid out for images whose channels lie together, which CPUs and GPUs prefer."""
    return tracker.to(memory_format=torch.channels_last)


def channels_last(images: Num[Tensor, "batch *window 3 height width"]) -> Num[Tensor, "batch *window 3 height width"]:
    """The same images, or windows of them, with the channels of a pixel together in memory."""
    return images.flatten(0, -4).contiguous(memory_format=torch.channels_last).view(images.shape)
