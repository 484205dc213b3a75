"""Widens intervals that are too narrow, keypoint by keypoint, from a person's labels.

The spread of an ensemble says nothing of errors that all its members share, so that a 90 % interval may hold far fewer
of the true points. The scale is chosen so that the intervals hold as many labels as they promise (split conformal
prediction, Vovk et al. 2005, with the smoother's standard deviation as the measure).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NOMINAL = 0.9
NORMAL_90 = 1.6448536269514722
"""Half the width of a normal distribution's 90 % interval, in standard deviations."""

FEW = 20
"""Coordinates; a keypoint with fewer labelled ones is judged together with all the others."""


@dataclass(frozen=True)
class Recalibration:
    """How intervals were widened, one value a keypoint.

    Attributes:
        scale: factor of the variance, 1 where the intervals were wide enough.
        labelled: coordinates the keypoint was judged on; 0 where all keypoints were judged together.
        before, after: share of the keypoint's labelled coordinates within the 90 % interval; NaN without labels.
    """

    scale: Floats
    labelled: NDArray[np.int64]
    before: Floats
    after: Floats


def recalibrate(errors: Floats, variance: Floats) -> Recalibration:
    """Find how much wider each keypoint's intervals must be.

    Args:
        errors: smoothed minus labelled coordinates, shape (label, keypoint, 2), px; NaN where not labelled.
        variance: posterior variances, same shape, px².
    """
    z = np.abs(errors) / np.sqrt(np.where(variance > 0, variance, np.nan))
    rows = [column[np.isfinite(column)] for column in z.transpose(1, 0, 2).reshape(z.shape[1], -1)]
    everything = np.concatenate(rows) if rows else np.empty(0)
    counts = np.array([len(row) if len(row) >= FEW else 0 for row in rows], np.int64)
    scale = np.array([_scale(row if len(row) >= FEW else everything) for row in rows])
    before = np.array([_coverage(row) for row in rows])
    after = np.array([_coverage(row / np.sqrt(s)) for row, s in zip(rows, scale, strict=True)])
    return Recalibration(scale, counts, before, after)


def _scale(z: Floats) -> float:
    if len(z) < FEW:
        return 1.0
    rank = min(int(np.ceil((len(z) + 1) * NOMINAL)), len(z))
    return max(1.0, float((np.partition(z, rank - 1)[rank - 1] / NORMAL_90) ** 2))


def _coverage(z: Floats) -> float:
    return float((z <= NORMAL_90).mean()) if len(z) else float("nan")
