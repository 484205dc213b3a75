"""Random changes of training images together with their points.

Every number drawn for an image depends on (seed, epoch, index of the image) alone, not on the batch it falls into or
on what was drawn before, so a resumed training sees the same images as an uninterrupted one.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn import functional

from tailbase.schema import AugmentSpec

_BLUR_SIGMA = (0.3, 1.6)
_BLUR_REACH = 4
_ERASED_SIDE = (0.04, 0.2)
_MOST_ERASED = 4
_AXES_OF_WINDOWS = 5


@dataclass(frozen=True)
class Draws:
    """What one image gets.

    Attributes:
        matrix: float64 (2, 2), from source to result, in units where pixels are square.
        shift: float64 (2,), fraction of width and of height.
        flipped: mirrored left to right.
        gain: float64 (3,), contrast factor of red, green, blue.
        offset: brightness as a fraction of full scale.
        blur: standard deviations in x and y, pixels; zero for none.
        noise: standard deviation, fraction of full scale.
        boxes: float64 (n, 5): centre x, centre y, width, height as fractions of the image, and grey level.
        noise_seed: of the noise's generator.
    """

    matrix: np.ndarray
    shift: np.ndarray
    flipped: bool
    gain: np.ndarray
    offset: float
    blur: tuple[float, float]
    noise: float
    boxes: np.ndarray
    noise_seed: int


def draw(spec: AugmentSpec, seed: int, epoch: int, index: int) -> Draws:
    """The random numbers of one image in one epoch, uniform within the spec's ranges (`resolved`)."""
    random = np.random.default_rng([seed, epoch, index])
    angle = math.radians(random.uniform(-1, 1) * (spec.rotation_degrees or 0))
    size = math.exp(random.uniform(-1, 1) * math.log1p(spec.scale))
    shift = random.uniform(-1, 1, 2) * spec.translation
    flipped = bool(random.random() < 0.5) and spec.horizontal_flip
    contrast = random.uniform(-1, 1) * math.log1p(spec.contrast)
    gain = np.exp(contrast + random.uniform(-1, 1, 3) * math.log1p(spec.color))
    offset = random.uniform(-1, 1) * spec.brightness / 2
    blurred = random.random() < spec.blur_probability
    blur = random.uniform(*_BLUR_SIGMA, 2) * blurred
    noise = random.uniform(0, 1) * spec.noise
    erased = random.random() < spec.erase_probability
    count = int(random.integers(1, _MOST_ERASED + 1)) * erased
    sides = random.uniform(*_ERASED_SIDE, (count, 2))
    boxes = np.concatenate([random.uniform(0, 1, (count, 2)), sides, random.uniform(0, 1, (count, 1))], axis=1)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * size
    matrix = turn @ np.diag([-1.0 if flipped else 1.0, 1.0])
    noise_seed = int(random.integers(2**62))
    return Draws(matrix, shift, flipped, gain, offset, (blur[0], blur[1]), noise, boxes, noise_seed)


@dataclass(frozen=True)
class Undo:
    """Takes points that a network found in changed images back to the images as they were.

    Attributes:
        matrix, shift: result = centre + matrix (source - centre) + shift, pixels.
        centre: of the image.
        order: of keypoints; swaps partners where the images were mirrored.
    """

    matrix: Float[Tensor, "2 2"]
    shift: Float[Tensor, "2"]
    centre: Float[Tensor, "2"]
    order: Int[Tensor, "keypoint"]

    def points(self, points: Float[Tensor, "*any keypoint 2"]) -> Float[Tensor, "*any keypoint 2"]:
        """In pixels of the images as they were; gradients flow through."""
        matrix, shift, centre = (part.to(points.device) for part in (self.matrix, self.shift, self.centre))
        moved: Tensor = (points - centre - shift) @ torch.linalg.inv(matrix).mT + centre
        return moved[..., self.order.to(points.device), :]

    def likelihood(self, likelihood: Float[Tensor, "*any keypoint"]) -> Float[Tensor, "*any keypoint"]:
        return likelihood[..., self.order.to(likelihood.device)]


def augment_clip(
    frames: UInt8[Tensor, "frame 3 height width"],
    pixel_aspect: float,
    one: Draws,
    partners: Int[Tensor, "keypoint"],
) -> tuple[Float[Tensor, "frame 3 height width"], Undo]:
    """Frames changed all alike (values 0 to 255), because what moves between them must be the animal."""
    size = (frames.shape[-2], frames.shape[-1])
    matrix, shift = (part.to(frames.device) for part in _affine([one], torch.tensor([pixel_aspect]), size))
    changed = _appearance(_warp(frames.float(), matrix.expand(len(frames), 2, 2), shift.expand(len(frames), 2)), one)
    order = partners if one.flipped else torch.arange(len(partners))
    return changed, Undo(matrix[0], shift[0], _centre(size), order)


def augment(
    images: UInt8[Tensor, "batch *window 3 height width"],
    points: Float[Tensor, "batch keypoint 2"],
    states: Int[Tensor, "batch keypoint"],
    pixel_aspect: Float[Tensor, "batch"],
    draws: list[Draws],
    partners: Int[Tensor, "keypoint"],
) -> tuple[
    Float[Tensor, "batch *window 3 height width"], Float[Tensor, "batch keypoint 2"], Int[Tensor, "batch keypoint"]
]:
    """Changed images (values 0 to 255), and their points and states. The frames of a window are changed all alike.

    Args:
        points: pixels of `images`; NaN stays NaN.
        pixel_aspect: of each image, how many times more its height was stretched than its width when it was resized;
            rotation is done as if pixels were square again.
        partners: index of each keypoint's left/right partner (itself where it has none), for flipped images.
    """
    size = (images.shape[-2], images.shape[-1])
    matrix, shift = _affine(draws, pixel_aspect, size)
    frames = images.shape[1] if images.ndim == _AXES_OF_WINDOWS else 1
    matrices, shifts = matrix.repeat_interleave(frames, 0), shift.repeat_interleave(frames, 0)
    warped = _warp(images.flatten(0, -4).float(), matrices, shifts).view(images.shape)
    moved = _move(points, matrix, shift, size)
    changed = torch.stack([_appearance(image, one) for image, one in zip(warped, draws, strict=True)])
    flipped = torch.tensor([one.flipped for one in draws])
    moved = torch.where(flipped[:, None, None], moved[:, partners], moved)
    return changed, moved, torch.where(flipped[:, None], states[:, partners], states)


def _affine(draws: list[Draws], pixel_aspect: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Per image, a matrix and a shift in pixels so that result = centre + matrix (source - centre) + shift."""
    square = np.stack([one.matrix for one in draws])
    aspect = pixel_aspect.numpy().astype(np.float64)
    stretch = np.stack([np.ones_like(aspect), aspect], axis=-1)
    matrix = stretch[:, :, None] * square / stretch[:, None, :]
    shift = np.stack([one.shift for one in draws]) * [size[1], size[0]]
    return torch.from_numpy(matrix).float(), torch.from_numpy(shift).float()


def _move(points: Tensor, matrix: Tensor, shift: Tensor, size: tuple[int, int]) -> Tensor:
    centre = _centre(size)
    return centre + (points - centre) @ matrix.mT + shift[:, None]


def _centre(size: tuple[int, int]) -> Tensor:
    return torch.tensor([(size[1] - 1) / 2, (size[0] - 1) / 2])


def _warp(images: Tensor, matrix: Tensor, shift: Tensor) -> Tensor:
    """Bilinear; what lies outside the source becomes the image's mean colour."""
    height, width = images.shape[-2:]
    half = torch.tensor([width / 2, height / 2], device=images.device)
    inverse = torch.linalg.inv(matrix)
    back = -(inverse @ shift[..., None])
    theta = torch.cat([inverse * half[None, None, :] / half[None, :, None], back / half[None, :, None]], dim=-1)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    mean = images.mean((-2, -1), keepdim=True)
    return functional.grid_sample(images - mean, grid, mode="bilinear", align_corners=False) + mean


def _appearance(image: Float[Tensor, "*frame 3 height width"], one: Draws) -> Float[Tensor, "*frame 3 height width"]:
    mean = image.mean()
    image = (
        (image - mean) * torch.from_numpy(one.gain).float().to(image.device)[:, None, None] + mean + 255 * one.offset
    )
    if one.blur[0] > 0:
        image = _blurred(image, one.blur)
    image = _erased(image, one.boxes)
    if one.noise > 0:
        generator = torch.Generator().manual_seed(one.noise_seed)
        image = image + 255 * one.noise * torch.randn(image.shape, generator=generator).to(image.device)
    return image.clamp(0, 255)


def _blurred(
    image: Float[Tensor, "*frame 3 height width"], sigmas: tuple[float, float]
) -> Float[Tensor, "*frame 3 height width"]:
    """As products of matrices, which are several times as fast on a CPU as convolutions of single channels."""
    across, down = (
        _blur(size, sigma).to(image) for size, sigma in zip((image.shape[-1], image.shape[-2]), sigmas, strict=True)
    )
    return down @ image @ across.mT


def _blur(size: int, sigma: float) -> Float[Tensor, "size size"]:
    """Row i weighs a line's pixels for pixel i of the blurred line; beyond its ends the line stays as it ends."""
    reach = torch.arange(-_BLUR_REACH, _BLUR_REACH + 1)
    weights = torch.softmax(-0.5 * (reach / sigma) ** 2, 0).expand(size, -1)
    sources = (torch.arange(size)[:, None] + reach).clamp(0, size - 1)
    return torch.zeros(size, size).scatter_add_(1, sources, weights)


def _erased(image: Float[Tensor, "*frame 3 height width"], boxes: np.ndarray) -> Float[Tensor, "*frame 3 height width"]:
    height, width = image.shape[-2:]
    for x, y, across, down, grey in boxes:
        top, bottom = round((y - down / 2) * height), round((y + down / 2) * height)
        left, right = round((x - across / 2) * width), round((x + across / 2) * width)
        image[..., max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 255 * grey
    return image
