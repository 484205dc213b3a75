"""A few figures about a prediction, gathered frame by frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

LIKELY = 0.6
JUMP_SHARE = 0.05


class Summary:
    """Mean likelihood and share of likely frames per keypoint, and jumps.

    A jump is a step between two frames that follow each other, both likely (above 0.6), longer than 5% of the image's
    diagonal; it is counted per 1000 such steps of all keypoints. Every individual counts alike.
    """

    def __init__(self, keypoints: Sequence[str], width: int, height: int) -> None:
        self._keypoints = keypoints
        self._longest = JUMP_SHARE * float(np.hypot(width, height))
        self._seen = 0
        self._sum = np.zeros(len(keypoints))
        self._likely = np.zeros(len(keypoints), np.int64)
        self._steps = self._jumps = 0
        self._last: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None

    def add(
        self,
        points: Float[NDArray[np.float32], "frame individual keypoint 2"],
        likelihood: Float[NDArray[np.float32], "frame individual keypoint"],
    ) -> None:
        """Count the next frames."""
        self._seen += likelihood.shape[0] * likelihood.shape[1]
        self._sum += likelihood.sum((0, 1), dtype=np.float64)
        self._likely += (likelihood > LIKELY).sum((0, 1))
        if self._last is not None:
            points = np.concatenate([self._last[0], points])
            likelihood = np.concatenate([self._last[1], likelihood])
        both = (likelihood[1:] > LIKELY) & (likelihood[:-1] > LIKELY)
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=-1)
        self._steps += int(both.sum())
        self._jumps += int((both & (lengths > self._longest)).sum())
        self._last = points[-1:], likelihood[-1:]

    def result(self) -> dict[str, Any]:
        seen = max(self._seen, 1)
        return {
            "per_keypoint": {
                name: {"mean_likelihood": float(total / seen), "share_above_06": float(count / seen)}
                for name, total, count in zip(self._keypoints, self._sum, self._likely, strict=True)
            },
            "jumps_per_1000": 1000 * self._jumps / max(self._steps, 1),
        }
