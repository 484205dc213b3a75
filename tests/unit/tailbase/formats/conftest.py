"""Small labels and the folder of real data sets."""

from pathlib import Path

import numpy as np
import pytest

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
