"""Labelled images on disk: their size without decoding them, and their pixels."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tailbase.errors import PoseError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"})
MAX_PIXELS = 200_000_000
_UNREADABLE = (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError)


def image_size(path: Path) -> tuple[int, int]:
    """Width and height from the header; raises `image.unreadable`."""
    with _open(path) as image:
        return image.size


def read_image(path: Path) -> NDArray[np.uint8]:
    """Pixels, uint8, shape (height, width, 3); raises `image.unreadable`."""
    with _open(path) as image:
        try:
            return np.asarray(image.convert("RGB"), dtype=np.uint8)
        except _UNREADABLE as error:
            raise PoseError("image.unreadable", f"{path.name} is damaged: {error}.") from error


def _open(path: Path) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Our own limit stands below; Pillow's is lower and only warns.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path)
    except _UNREADABLE as error:
        raise PoseError("image.unreadable", f"{path.name} is not an image that can be read.") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise PoseError("image.unreadable", f"{path.name} has more than {MAX_PIXELS:,} pixels.")
    return image
