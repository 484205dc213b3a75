"""A small video and a network with random weights."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from tailbase.networks.heatmap import HeatmapTracker
from tailbase.networks.model_folder import ModelFacts, SplitPaths
from tailbase.schema import FramingSpec, Keypoint, Skeleton, TrainSpec

FRAMES, WIDTH, HEIGHT = 21, 112, 80


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """21 frames of 112 x 80 pixels in which a light spot moves, 25 a second."""
    path = tmp_path / "mouse.mp4"
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25), options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            spot = 200 * np.exp(-((column - 15 - 4 * number) ** 2 + (row - 40) ** 2) / 60) + 30
            image = np.repeat(spot[..., None], 3, axis=2).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def facts() -> ModelFacts:
    spec = TrainSpec(
        backbone="mobilenetv3_small_050", weights="none", image_height=64, image_width=96, head_width=16,
        framing=FramingSpec(fit="stretch"),
    )  # fmt: skip
    skeleton = Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail")))
    return ModelFacts(
        skeleton=skeleton, individuals=("animal",), spec=spec, split=SplitPaths(), metrics={}, labels_sha256="0" * 64,
        weights_sha256="1" * 64, tailbase_version="0", created_at=datetime.now(UTC),
    )  # fmt: skip


@pytest.fixture
def tracker(facts: ModelFacts) -> HeatmapTracker:
    return HeatmapTracker(facts.spec.backbone, 2, (64, 96), 2, 16).eval()
