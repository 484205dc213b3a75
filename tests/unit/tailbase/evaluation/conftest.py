"""An evaluation with known errors."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tailbase.evaluation.results import EvaluatedImage, Evaluation
from tailbase.schema import Keypoint, Skeleton

Build = Callable[..., Evaluation]


@pytest.fixture
def build() -> Build:
    """`build(errors, parts)`: points that lie `errors` (image, keypoint) pixels right of their labels."""

    def make(
        errors: NDArray[np.float64], parts: list[str] | None = None, likelihood: float = 0.9, **of_images: list[str]
    ) -> Evaluation:
        count, keypoints = errors.shape
        labelled = np.random.default_rng(0).uniform(10, 50, (count, keypoints, 2))
        labelled[~np.isfinite(errors)] = np.nan
        predicted = np.nan_to_num(labelled, nan=5.0) + np.stack([np.nan_to_num(errors), np.zeros_like(errors)], -1)
        skeleton = Skeleton(keypoints=tuple(Keypoint(name=f"point {k}") for k in range(keypoints)))
        images = []
        for row in range(count):
            own = {name: values[row] for name, values in of_images.items() if name in EvaluatedImage.model_fields}
            fields = {name: values[row] for name, values in of_images.items() if name not in own}
            part = parts[row] if parts else "test"
            path = f"img{row:03d}.png"
            images.append(EvaluatedImage.model_validate({"path": path, "part": part, "fields": fields} | own))
        sure, body = np.full(errors.shape, likelihood), np.full(errors.shape, 50.0)
        return Evaluation(skeleton, tuple(images), predicted, sure, labelled, body)

    return make
