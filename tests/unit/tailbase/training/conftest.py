"""Small labelled images: coloured dots on grey, which a tiny network can learn."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from tailbase.schema import AugmentSpec, ImageRef, Keypoint, Labels, PointState, Skeleton, SplitSpec, TrainSpec

COLORS = np.array([[255, 40, 40], [40, 255, 40], [40, 40, 255]], np.float64)
NAMES = ("nose", "ear_left", "ear_right")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def skeleton() -> Skeleton:
    return Skeleton(
        keypoints=(
            Keypoint(name="nose"),
            Keypoint(name="ear_left", partner="ear_right"),
            Keypoint(name="ear_right", partner="ear_left"),
        )
    )


@pytest.fixture
def dots(tmp_path: Path, skeleton: Skeleton) -> tuple[Labels, Path]:
    """Ten images of 80 x 100 pixels, and the folder they lie in."""
    random = np.random.default_rng(0)
    points = random.uniform([10, 10], [89, 69], (10, 3, 2))
    row, column = np.mgrid[:80, :100]
    for number, places in enumerate(points):
        image = np.full((80, 100, 3), 90.0)
        for (x, y), color in zip(places, COLORS, strict=True):
            image += np.exp(-((column - x) ** 2 + (row - y) ** 2) / 18)[..., None] * (color - 90)
        Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(tmp_path / f"img{number:02}.png")
    images = tuple(ImageRef(path=f"img{number:02}.png") for number in range(10))
    states = np.full((10, 1, 3), PointState.VISIBLE, np.int8)
    return Labels(skeleton, ("animal",), images, points[:, None], states), tmp_path


@pytest.fixture
def tiny() -> Callable[..., TrainSpec]:
    """The smallest spec that is a real training; fields can be given."""

    def make(**fields: object) -> TrainSpec:
        spec = {
            "backbone": "mobilenetv3_small_050", "weights": "none", "image_height": 64, "image_width": 64,
            "head_width": 16, "epochs": 2, "batch_size": 4, "validate_every": 1, "precision": "float32",
            "split": SplitSpec(validation=0.2), "augment": AugmentSpec(), "framing": {"fit": "stretch"},
        }  # fmt: skip
        return TrainSpec.model_validate(spec | fields)

    return make


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., Path]:
    """Writes a video of 100 x 80 pixels in which the three dots move; its brightness tells the frame's number."""

    def write(name: str = "film.mp4", frames: int = 40) -> Path:
        path = tmp_path / "videos" / name
        path.parent.mkdir(exist_ok=True)
        row, column = np.mgrid[:80, :100]
        options = {"crf": "12", "preset": "ultrafast", "sc_threshold": "0", "bf": "0"}
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=Fraction(30), options=options)
            stream.width, stream.height, stream.pix_fmt, stream.codec_context.gop_size = 100, 80, "yuv420p", 12
            for number in range(frames):
                image = np.full((80, 100, 3), 20.0 + 4 * number)
                for which, color in enumerate(COLORS):
                    x, y = 25 + 20 * which + number / 2, 20 + 15 * which
                    bell = np.exp(-((column - x) ** 2 + (row - y) ** 2) / 18)[..., None]
                    image += bell * (color - image)
                picture = av.VideoFrame.from_ndarray(image.clip(0, 255).astype(np.uint8), format="rgb24")
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
        return path

    return write
