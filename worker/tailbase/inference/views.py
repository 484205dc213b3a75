"""What a network is shown of a video's frames, and how its points come back to them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from torch import Tensor

from tailbase.framing.boxes import Box, cut
from tailbase.networks.resize import Size, resize, to_source
from tailbase.schema import Fit

Picture = UInt8[Tensor, "3 height width"]


class View(Protocol):
    """A way to make a network's input of a frame. Equal views of several networks are made once."""

    @property
    def size(self) -> Size:
        """Height and width of the input."""

    def image(self, number: int, picture: Picture) -> UInt8[Tensor, "3 h w"]:
        """The input for the frame of that number."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class Still:
    """The same part of every frame."""

    size: Size
    fit: Fit
    box: Box

    def image(self, number: int, picture: Picture) -> UInt8[Tensor, "3 h w"]:  # noqa: ARG002 (all frames alike)
        return resize(cut(picture, self.box), self.size, self.fit)

    def back(self, points: Float[Tensor, "frame keypoint 2"]) -> Float[Tensor, "frame keypoint 2"]:
        """To pixels of the video."""
        corner = torch.tensor([self.box.x, self.box.y], dtype=points.dtype, device=points.device)
        return to_source(points, self.box.size, self.size, self.fit) + corner


@dataclass(frozen=True, eq=False)
class Moving:
    """A box of one size that follows an animal.

    Attributes:
        centres: float64 (frame, 2), of the frames from `first` on.
        lag: frame n is shown as the box of frame n - `lag` cuts it, for windows of frames that share a box.
    """

    size: Size
    width: int
    height: int
    centres: Float[NDArray[np.float64], "frame 2"]
    first: int
    lag: int = 0

    def image(self, number: int, picture: Picture) -> UInt8[Tensor, "3 h w"]:
        return resize(cut(picture, self._box(number - self.lag)), self.size)

    def back(self, points: Float[Tensor, "frame keypoint 2"], first: int) -> Float[Tensor, "frame keypoint 2"]:
        """Of consecutive frames from `first` on, to pixels of the video."""
        boxes = [self._box(number) for number in range(first, first + len(points))]
        corners = torch.tensor([[box.x, box.y] for box in boxes], dtype=points.dtype, device=points.device)
        return to_source(points, (self.height, self.width), self.size) + corners[:, None]

    def _box(self, number: int) -> Box:
        centre = self.centres[min(max(number - self.first, 0), len(self.centres) - 1)]
        return Box.around(centre, self.width, self.height)
