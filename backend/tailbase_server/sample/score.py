"""How well the sample's network does on a recording it never saw, measured against the drawn truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """`mean_px` is the mean distance; the others are its ratio to the animal's length and to guessing the mean pose."""

    mean_px: float
    of_body: float
    of_mean_pose: float


def score(predicted: Points, truth: Points, labelled: Points, body_px: float) -> Score:
    """Compare predictions with the truth, both of shape (frame, keypoint, 2), NaN where nothing can be seen.

    `labelled`, of the same shape but other frames, are the labels the network learnt from: their mean for each keypoint
    is what somebody would answer who never looked at the video.
    """
    error = _mean_distance(predicted, truth)
    blind = _mean_distance(np.broadcast_to(np.nanmean(labelled, axis=0), truth.shape), truth)
    return Score(error, error / body_px, error / blind)


def _mean_distance(guess: Points, truth: Points) -> float:
    return float(np.nanmean(np.linalg.norm(guess - truth, axis=-1)))
