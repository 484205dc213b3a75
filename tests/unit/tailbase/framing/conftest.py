"""Two small animals in a large picture: three dots each, which move."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from tailbase.schema import ImageRef, Keypoint, Labels, PointState, Skeleton, TrainSpec

COLORS = np.array([[255, 40, 40], [40, 255, 40], [40, 40, 255]], np.float64)
OFFSETS = np.array([[0, 0], [14, 0], [0, 14]], np.float64)
WIDTH, HEIGHT, FRAMES = 200, 160, 24


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def places(number: int) -> np.ndarray:
    """(individual, keypoint, 2) in a frame."""
    corners = np.array([[20 + 3.0 * number, 30], [150 - 2.0 * number, 110]])
    return corners[:, None] + OFFSETS


def picture(number: int) -> np.ndarray:
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    image = np.full((HEIGHT, WIDTH, 3), 90.0)
    for x, y, color in [(*p, c) for animal in places(number) for p, c in zip(animal, COLORS, strict=True)]:
        bell = np.exp(-((column - x) ** 2 + (row - y) ** 2) / 18)[..., None]
        image += bell * (color - image)
    return image.clip(0, 255).astype(np.uint8)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "videos" / "film.mp4"
    path.parent.mkdir()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25), options={"crf": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt, stream.codec_context.gop_size = WIDTH, HEIGHT, "yuv420p", 8
        for number in range(FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def animals(tmp_path: Path) -> tuple[Labels, Path]:
    """Twelve frames with both animals, and the folder they lie in."""
    numbers = range(0, FRAMES, 2)
    for number in numbers:
        Image.fromarray(picture(number)).save(tmp_path / f"{number:02}.png")
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=name) for name in ("nose", "ear", "tail")))
    images = tuple(ImageRef(path=f"{number:02}.png", video="film", frame_index=number) for number in numbers)
    points = np.stack([places(number) for number in numbers])
    states = np.full(points.shape[:3], PointState.VISIBLE, np.int8)
    return Labels(skeleton, ("anna", "bert"), images, points, states), tmp_path


@pytest.fixture
def spec() -> Callable[..., TrainSpec]:
    """The smallest two-pass training of two animals; fields can be given."""

    def make(**fields: object) -> TrainSpec:
        values = {
            "backbone": "mobilenetv3_small_050", "weights": "none", "image_height": 64, "image_width": 64,
            "head_width": 16, "epochs": 2, "batch_size": 4, "validate_every": 1, "precision": "float32",
            "device": "cpu", "individuals": "separate", "framing": {"mode": "two_pass", "coarse_side": 64},
            "split": {"validation": 0.2, "test": 0.2, "method": "random"},
        }  # fmt: skip
        return TrainSpec.model_validate(values | fields)

    return make
