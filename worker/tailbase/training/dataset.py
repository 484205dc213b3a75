"""Labelled images at a network's input size, kept in memory where they fit."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, Num, UInt8
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.framing.boxes import Box, box_of, cut
from tailbase.framing.individuals import chosen_animals
from tailbase.networks.resize import pixel_aspect, resize, to_input, to_source
from tailbase.schema import AugmentSpec, Fit, ImageRef, Labels
from tailbase.training.windows import Neighbours

_SHARE_OF_MEMORY = 0.25


class TrainingImages:
    """Images and labels of one animal, ready for a network.

    Args:
        size: height and width of the input.
        reach: neighbouring frames that the network looks at on both sides; with some, each image is a window of
            2 reach + 1 frames.
        videos: where neighbours may be read from, by the name that labels give the video.
        fit: how images are brought to the input.
        boxes: the part of each image that is looked at; without them its crop, or all of it.
        border: pixels of what lies around a box that each image has on every side, for augmentation to move in.

    Attributes:
        points: float32 (image, keypoint, 2), pixels of the input, which begins behind the border; NaN where there is
            no position.
        states: int64 (image, keypoint), values of PointState.
        boxes: the part of each original image that the input shows.
        pixel_aspect: float32 (image,), how many times more the height was stretched than the width.
    """

    def __init__(
        self,
        labels: Labels,
        folder: Path,
        size: tuple[int, int],
        reach: int = 0,
        videos: Mapping[str, Path] | None = None,
        fit: Fit = "stretch",
        boxes: Sequence[Box] | None = None,
        border: tuple[int, int] = (0, 0),
    ) -> None:
        self.labels = labels
        self.size = size
        self.reach = reach
        self.fit = fit
        self.border = border
        self._videos = videos or {}
        self._paths = [folder / ref.path for ref in labels.images]
        self.boxes = list(boxes or regions(labels.images, folder))
        self._cache = self._new_cache()
        if self._cache is not None:
            for position, image in enumerate(self._read(range(len(self._paths)))):
                self._cache[position] = image
        self.points = torch.stack(
            [
                to_input(torch.from_numpy(points[0] - [box.x, box.y]), box.size, size, fit).float()
                for points, box in zip(labels.points, self.boxes, strict=True)
            ]
        )
        self.states = torch.from_numpy(labels.states[:, 0].astype(np.int64))
        self.pixel_aspect = torch.tensor([pixel_aspect(box.size, size, fit) for box in self.boxes])

    def images(self, positions: Sequence[int]) -> UInt8[Tensor, "batch *window 3 height width"]:
        """Images at the input's size, or windows of them, with their border."""
        if self._cache is not None:
            return self._cache[torch.as_tensor(positions)]
        return torch.stack(list(self._read(positions)))

    def inner(self, images: Num[Tensor, "*any 3 height width"]) -> Num[Tensor, "*any 3 h w"]:
        """Images without their border."""
        down, across = self.border
        return images[..., down : down + self.size[0], across : across + self.size[1]]

    def to_original(self, points: Float[Tensor, "keypoint 2"], position: int) -> Float[Tensor, "keypoint 2"]:
        """From pixels of the input to pixels of the original image."""
        box = self.boxes[position]
        return to_source(points, box.size, self.size, self.fit) + torch.tensor([box.x, box.y], dtype=points.dtype)

    @property
    def _whole_size(self) -> tuple[int, int]:
        return self.size[0] + 2 * self.border[0], self.size[1] + 2 * self.border[1]

    def _new_cache(self) -> Tensor | None:
        window = (2 * self.reach + 1,) if self.reach else ()
        shape = (len(self._paths), *window, 3, *self._whole_size)
        fits = int(np.prod(shape, dtype=np.int64)) <= _SHARE_OF_MEMORY * _free_memory()
        return torch.empty(shape, dtype=torch.uint8) if fits else None

    def _read(self, positions: Iterable[int]) -> Iterator[UInt8[Tensor, "*window 3 height width"]]:
        with Neighbours(read_image, self.reach, self._videos) as neighbours:
            for position in positions:
                path = self._paths[position]
                shaped = partial(self._shaped, box=self._with_border(self.boxes[position]))
                image = shaped(read_image(path))
                ref = self.labels.images[position]
                yield neighbours.window(path, ref, image, shaped) if self.reach else image

    def _shaped(self, image: UInt8[Tensor, "3 height width"], box: Box) -> UInt8[Tensor, "3 h w"]:
        return resize(cut(image, box), self._whole_size, self.fit)

    def _with_border(self, box: Box) -> Box:
        """The box and what lies around it, at the same scale."""
        down, across = (
            side * part // whole for side, part, whole in zip(self.border, box.size, self.size, strict=True)
        )
        return Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down)


def regions(images: Sequence[ImageRef], folder: Path) -> list[Box]:
    """The part of each image that is looked at: its crop, or all of it.

    Errors:
        labels.unknown_image, image.unreadable; crop.outside.
    """
    return [box_of(ref.crop, *image_size(folder / ref.path), ref.path) for ref in images]


def _free_memory() -> int:
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def read_image(path: Path) -> UInt8[Tensor, "3 height width"]:
    """An image file as red, green, blue; a grey one has three equal channels, 16 bits are scaled to 8.

    Errors:
        labels.unknown_image: there is no such file.
        image.unreadable: it is not an image, or damaged.
    """
    with _opened(path) as image:
        return torch.from_numpy(_rgb(image, path)).permute(2, 0, 1)


def image_size(path: Path) -> tuple[int, int]:
    """Height and width, without decoding."""
    with _opened(path) as image:
        return image.height, image.width


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path)
    except FileNotFoundError as error:
        raise PoseError("labels.unknown_image", f"The labels name an image that is not there: {path.name}.") from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise PoseError("image.unreadable", f"{path.name} cannot be read as an image.") from error


def _rgb(image: Image.Image, path: Path) -> NDArray[np.uint8]:
    try:
        if image.mode.startswith("I;16"):
            grey = (np.asarray(image).astype(np.float32) / 257).round().astype(np.uint8)
            return np.repeat(grey[..., None], 3, axis=2)
        return np.array(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise PoseError("image.unreadable", f"{path.name} is damaged: its pixels cannot be decoded.") from error


def one_animal(labels: Labels) -> Labels:
    """Labels of the only animal, and only the images a person has looked at.

    Errors:
        labels.several_animals: points of more than one individual; none is dropped silently.
        labels.none: not one point is labelled.
    """
    return chosen_animals(labels, "refuse")


def partners(labels: Labels) -> Int[Tensor, "keypoint"]:
    """Index of each keypoint's left/right partner, its own where it has none."""
    names = labels.skeleton.names
    return torch.tensor([names.index(k.partner or k.name) for k in labels.skeleton.keypoints])


MIRROR_ROTATION = 15.0
"""Degrees where one image shows several views: more would take mirrored points out of their common row or column."""


def resolved(spec: AugmentSpec, labels: Labels, positions: Sequence[int]) -> AugmentSpec:
    """The spec with what it leaves to the labels: how far images turn, and whether they may be mirrored.

    An image is mirrored only where the skeleton names left/right partners; without them a left ear would be taught as
    a right one.
    """
    degrees = spec.rotation_degrees
    if degrees is None:
        mirrored = len(labels.skeleton.views) > 1
        degrees = MIRROR_ROTATION if mirrored else usual_rotation(labels.points[list(positions), 0])
    flip = spec.horizontal_flip and any(keypoint.partner for keypoint in labels.skeleton.keypoints)
    return spec.model_copy(update={"rotation_degrees": degrees, "horizontal_flip": flip})


def usual_rotation(points: Float[NDArray[np.float64], "image keypoint 2"]) -> float:
    """Degrees by which training images may turn, from how differently the labelled animals face.

    For each pair of keypoints the direction between them varies over the images with a circular standard deviation
    (sqrt(-2 ln R), R the mean resultant length; Mardia and Jupp 2000). Twice the median over pairs, 25 to 180.
    """
    steps = points[:, :, None] - points[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        units = steps / np.linalg.norm(steps, axis=-1, keepdims=True)
    seen = np.isfinite(units).all(-1)
    counts = seen.sum(0)
    sums = np.where(seen[..., None], units, 0).sum(0)
    enough = counts >= _ENOUGH_IMAGES
    if not enough.any():
        return _SMALL_ROTATION
    resultant = np.median(np.linalg.norm(sums, axis=-1)[enough] / counts[enough])
    deviation = np.degrees(np.sqrt(-2 * np.log(np.clip(resultant, 1e-6, 1))))
    return float(np.clip(2 * deviation, _SMALL_ROTATION, 180))


_ENOUGH_IMAGES = 8
_SMALL_ROTATION = 25.0
