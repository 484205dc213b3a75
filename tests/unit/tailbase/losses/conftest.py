from dataclasses import replace

import numpy as np
import pytest

from tailbase.smoothing.cameras import Cameras, rotation_matrix

# k1 k2 p1 p2 k3 k4 k5 k6: every term of the lens model is at work, differently in each camera.
LENSES = np.array(
    [
        [-0.20, 0.05, 0.002, -0.001, -0.01, 0.010, 0.02, 0.005],
        [0.10, -0.04, -0.003, 0.002, 0.02, -0.020, 0.01, -0.004],
        [-0.05, 0.02, 0.001, 0.003, 0.00, 0.030, 0.00, 0.000],
    ]
)


@pytest.fixture(scope="package")
def cameras() -> Cameras:
    """Three cameras around the origin, with strong lenses, unequal focal lengths and a little skew."""
    rotation = np.stack([rotation_matrix(np.array([0.1 * a, a, 0.05])) for a in (0.0, 0.7, -0.8)])
    matrix = np.tile(np.array([[300.0, 1.5, 64.0], [0.0, 280.0, 60.0], [0.0, 0.0, 1.0]]), (3, 1, 1))
    translation = np.array([[0.0, 0.0, 60.0], [1.0, -2.0, 66.0], [-1.5, 0.5, 58.0]])
    return Cameras(("left", "front", "right"), matrix, LENSES, rotation, translation)


@pytest.fixture(scope="package")
def plain_cameras(cameras: Cameras) -> Cameras:
    """The same without lenses' distortion."""
    return replace(cameras, distortion=np.zeros((3, 8)))
