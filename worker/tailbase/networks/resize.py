"""Images at a network's input size, and points carried there and back exactly.

An image is either stretched to the input, or keeps its aspect and lies between black borders. Rotations are drawn as if
pixels were square (training.augmentation), so a stretched animal is never learnt as one shape turned. Training and
prediction use the same functions, so that a network sees what it was trained on.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from tailbase.schema import Fit

Size = tuple[int, int]
"""Height, then width."""


@dataclass(frozen=True)
class Place:
    """The part of the input that an image covers, pixels."""

    top: int
    left: int
    height: int
    width: int


def place(source: Size, size: Size, fit: Fit) -> Place:
    """Where an image of `source` height and width lies in an input of `size`."""
    if fit == "stretch":
        return Place(0, 0, *size)
    scale = min(size[0] / source[0], size[1] / source[1])
    height, width = (max(1, min(whole, round(side * scale))) for side, whole in zip(source, size, strict=True))
    return Place((size[0] - height) // 2, (size[1] - width) // 2, height, width)


def resize(
    images: UInt8[Tensor, "*batch 3 height width"], size: Size, fit: Fit = "stretch"
) -> UInt8[Tensor, "*batch 3 h w"]:
    """Bilinear with antialiasing to `size`; black where `fit` leaves a border."""
    source = (images.shape[-2], images.shape[-1])
    if source == size:
        return images
    at = place(source, size, fit)
    # Added before the rows, the axis leaves PyTorch to see that the channels of a pixel lie together: twice as fast.
    batch = images if images.ndim == 4 else images.permute(1, 2, 0)[None].permute(0, 3, 1, 2)
    scaled = _scaled(batch, (at.height, at.width))
    right, below = size[1] - at.left - at.width, size[0] - at.top - at.height
    if at.left or right or at.top or below:
        scaled = functional.pad(scaled, [at.left, right, at.top, below])
    return scaled if images.ndim == 4 else scaled[0]


def _scaled(batch: UInt8[Tensor, "batch 3 height width"], size: Size) -> UInt8[Tensor, "batch 3 h w"]:
    """A GPU does not resize bytes."""
    if tuple(batch.shape[-2:]) == size:
        return batch
    if batch.device.type == "cpu":
        return functional.interpolate(batch, size=size, mode="bilinear", align_corners=False, antialias=True)
    smooth = functional.interpolate(batch.float(), size=size, mode="bilinear", align_corners=False, antialias=True)
    return smooth.round_().clamp_(0, 255).byte()


def to_input(
    points: Float[Tensor, "*any 2"], source: Size, size: Size, fit: Fit = "stretch"
) -> Float[Tensor, "*any 2"]:
    """From pixels of an image of `source` height and width to pixels of the input. Pixel centres are whole numbers."""
    ratio, shift = _ratio_and_shift(points, source, size, fit)
    return (points + 0.5) * ratio - 0.5 + shift


def to_source(
    points: Float[Tensor, "*any 2"], source: Size, size: Size, fit: Fit = "stretch"
) -> Float[Tensor, "*any 2"]:
    """From pixels of the input back to pixels of the original image."""
    ratio, shift = _ratio_and_shift(points, source, size, fit)
    return (points - shift + 0.5) / ratio - 0.5


def pixel_aspect(source: Size, size: Size, fit: Fit) -> float:
    """How many times more the height is stretched than the width."""
    at = place(source, size, fit)
    return (at.height / source[0]) / (at.width / source[1])


def _ratio_and_shift(like: Tensor, source: Size, size: Size, fit: Fit) -> tuple[Tensor, Tensor]:
    at = place(source, size, fit)
    ratio = torch.tensor([at.width / source[1], at.height / source[0]], dtype=like.dtype, device=like.device)
    return ratio, torch.tensor([at.left, at.top], dtype=like.dtype, device=like.device)
