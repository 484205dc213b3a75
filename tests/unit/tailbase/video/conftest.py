"""Clips whose every frame carries its own number as a barcode of black and white squares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from numpy.typing import NDArray

BITS = 12
CELL = 8
HEIGHT = 64


def barcode(number: int) -> NDArray[np.uint8]:
    """A picture of 64 x 96 pixels: the number in 12 squares, and below it a grey bar that moves."""
    image = np.full((HEIGHT, BITS * CELL, 3), 90, np.uint8)
    for bit in range(BITS):
        image[:24, bit * CELL : (bit + 1) * CELL] = 255 if number >> bit & 1 else 0
    left = number * 3 % (BITS * CELL)
    image[32:, left : left + 12] = 200
    return image


def read_barcode(image: NDArray[np.uint8]) -> int:
    """The number in a picture of any size with the proportions of `barcode`."""
    height, width = image.shape[:2]
    columns = (np.arange(BITS) + 0.5) / BITS * width
    squares = image[int(height * 12 / HEIGHT), columns.astype(int)].mean(axis=1)
    return int(sum(1 << bit for bit, value in enumerate(squares) if value > 128))


@dataclass(frozen=True)
class Clip:
    """How to write a clip; `stamps` are presentation times in `time_base` units, None for even ones."""

    frames: int = 60
    fps: Fraction = Fraction(30)
    codec: str = "libx264"
    gop: int = 15
    b_frames: int = 0
    pixel_format: str = "yuv420p"
    options: tuple[tuple[str, str], ...] = ()
    stamps: Sequence[int] | None = None
    time_base: Fraction | None = None
    container: tuple[tuple[str, str], ...] = ()


def write_clip(path: Path, clip: Clip) -> Path:
    options = dict(clip.options)
    if clip.codec == "libx264":
        options |= {"bf": str(clip.b_frames), "sc_threshold": "0", "crf": "18", "preset": "ultrafast"}
    with av.open(str(path), "w", options=dict(clip.container)) as container:
        stream = container.add_stream(clip.codec, rate=clip.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = BITS * CELL, HEIGHT, clip.pixel_format
        stream.codec_context.gop_size = clip.gop
        stream.codec_context.time_base = clip.time_base or 1 / clip.fps
        for i in range(clip.frames):
            frame = av.VideoFrame.from_ndarray(barcode(i), format="rgb24")
            frame.pts = i if clip.stamps is None else clip.stamps[i]
            frame.time_base = clip.time_base or 1 / clip.fps
            frame.pict_type = PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path, codec: str = "aac") -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8000, layout="mono")
        for i in range(8):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 8000, i * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """Writes a clip: ``clip("a.mp4", gop=250)``."""

    def make(name: str = "clip.mp4", **how: object) -> Path:
        return write_clip(tmp_path / name, Clip(**how))  # type: ignore[arg-type]

    return make


@pytest.fixture
def number_of() -> Callable[[NDArray[np.uint8]], int]:
    return read_barcode


@pytest.fixture
def sound(tmp_path: Path) -> Callable[..., Path]:
    return lambda name="sound.m4a", codec="aac": write_sound(tmp_path / name, codec)
