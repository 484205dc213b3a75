"""Small labels and the folder of real data sets."""

from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from tailbase.schema import ImageRef, Keypoint, Labels, PointState, Skeleton

DATASETS = Path(__file__).resolve().parents[5] / "shared" / "datasets"


@pytest.fixture
def datasets() -> Path:
    if not DATASETS.is_dir():
        pytest.skip("real data sets are not at ../shared/datasets beside the repository")
    return DATASETS


@pytest.fixture
def skeleton() -> Skeleton:
    return Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail")), edges=(("nose", "tail"),))


@pytest.fixture
def labels(skeleton: Skeleton) -> Labels:
    """Three images and two animals; the last image has no point."""
    images = (
        ImageRef(path="s1/img0003.png", video="s1", frame_index=3, recording="s1"),
        ImageRef(path="s1/img0001.png", video="s1", frame_index=1, recording="s1"),
        ImageRef(path="s2/img0000.png", view="top"),
    )
    states = np.zeros((3, 2, 2), dtype=np.int8)
    points = np.full((3, 2, 2, 2), np.nan)
    states[0, 0], points[0, 0] = PointState.VISIBLE, [[1.5, 2.25], [3.125, 4.0]]
    states[1, 1, 0], points[1, 1, 0] = PointState.OCCLUDED, [-0.5, 1e-9]
    states[1, 1, 1] = PointState.ABSENT
    return Labels(skeleton, ("a", "b"), images, points, states, scorer="Ann")


WIDTH, HEIGHT = 160, 120


def picture(number: int) -> np.ndarray:
    """A bright animal on a textured ground; each number gives another place."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    ground = 90 + 30 * np.sin(columns / 7) * np.cos(rows / 9)
    x, y = 80 + 55 * np.sin(number / 5), 60 + 40 * np.cos(number / 7)
    animal = 120 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 90)
    return np.repeat(np.clip(ground + animal, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def write_video(path: Path, frames: list[np.ndarray], crf: int = 23) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode(None))


def save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


@pytest.fixture
def drawn() -> SimpleNamespace:
    """Pictures, and what writes them to files."""
    return SimpleNamespace(picture=picture, write_video=write_video, save=save, width=WIDTH, height=HEIGHT)
