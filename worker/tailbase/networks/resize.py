"""Images at a network's input size, and points carried there and back exactly.

The image is resized plainly, without keeping its aspect: every pixel of the input then shows something, and rotations
are drawn as if pixels were square (training.augmentation), so a stretched animal is never learnt as one shape turned.
Training and prediction use the same function, so that a network sees what it was trained on.
"""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional


def resize(images: UInt8[Tensor, "*batch 3 height width"], size: tuple[int, int]) -> UInt8[Tensor, "*batch 3 h w"]:
    """Bilinear with antialiasing to `size`, height then width."""
    if tuple(images.shape[-2:]) == size:
        return images
    batch = images if images.ndim == 4 else images[None]
    resized = functional.interpolate(batch, size=size, mode="bilinear", align_corners=False, antialias=True)
    return resized if images.ndim == 4 else resized[0]


def to_input(
    points: Float[Tensor, "*any 2"], source: tuple[int, int], size: tuple[int, int]
) -> Float[Tensor, "*any 2"]:
    """From pixels of an image of `source` height and width to pixels of the input. Pixel centres are whole numbers."""
    return (points + 0.5) * _ratio(points, source, size) - 0.5


def to_source(
    points: Float[Tensor, "*any 2"], source: tuple[int, int], size: tuple[int, int]
) -> Float[Tensor, "*any 2"]:
    """From pixels of the input back to pixels of the original image."""
    return (points + 0.5) / _ratio(points, source, size) - 0.5


def _ratio(like: Tensor, source: tuple[int, int], size: tuple[int, int]) -> Tensor:
    return torch.tensor([size[1] / source[1], size[0] / source[0]], dtype=like.dtype, device=like.device)
