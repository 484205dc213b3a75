"""Small ensembles with a known truth, and the folder of real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tailbase.smoothing.cameras import Cameras, rotation_matrix

Floats = NDArray[np.float64]
SHARED = Path(__file__).resolve().parents[5] / "shared"


@dataclass(frozen=True)
class Truth:
    """Where points were, shape (frame, keypoint, 2), and what members say, shape (member, frame, keypoint, 3)."""

    points: Floats
    members: Floats


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("needs ../shared with the reference outputs and real ensembles")
    return SHARED


@pytest.fixture
def noisy_members() -> Callable[..., Floats]:
    """Members that see a truth of shape (..., 2) with noise of their own, worse while the point is occluded."""

    def draw(points: Floats, seed: int, members: int = 5, sd: float = 1.5, occluded: NDArray[np.bool_] | None = None):
        rng = np.random.default_rng(seed)
        scale = np.full(points.shape[:2], sd)
        if occluded is not None:
            scale = np.where(occluded, 12.0, scale)
        noise = rng.normal(size=(members, *points.shape)) * scale[..., None]
        likelihood = np.broadcast_to(np.where(scale > sd, 0.4, 0.95), (members, *points.shape[:2]))
        return np.concatenate([points + noise, likelihood[..., None]], axis=-1)

    return draw


@pytest.fixture
def walk() -> Callable[..., Floats]:
    """A random walk with steps of a standard deviation, shape (frame, keypoint, numbers)."""

    def draw(frames: int, keypoints: int, numbers: int, seed: int, sd: float = 1.0) -> Floats:
        rng = np.random.default_rng(seed)
        return np.asarray(np.cumsum(rng.normal(0, sd, (frames, keypoints, numbers)), axis=0))

    return draw


@pytest.fixture
def cameras() -> Cameras:
    """Three cameras around the origin that look at it, with lenses that bend."""
    angles = (0.0, 0.7, -0.8)
    rotation = np.stack([rotation_matrix(np.array([0.1, angle, 0.0])) for angle in angles])
    translation = np.tile([0.0, 0.0, 60.0], (3, 1))
    matrix = np.tile(np.array([[800.0, 0, 320], [0, 780, 240], [0, 0, 1]]), (3, 1, 1))
    distortion = np.array(
        [
            [-0.2, 0.05, 0.001, -0.002, 0.01, 0, 0, 0],
            [0.1, 0, 0, 0, 0, 0.02, 0.001, 0],
            [-0.3, 0.1, 0, 0.003, 0, 0, 0, 0],
        ]
    )
    return Cameras(("left", "front", "right"), matrix, distortion, rotation, translation)
