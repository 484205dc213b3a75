"""Where in a video a network is likely to be wrong: one number a frame, the larger the more suspicious.

The measures are those of DeepLabCut's outlier frames (Mathis et al. 2018; Nath et al. 2019) and Lightning Pose's
diagnostics (Biderman et al. 2024), written anew.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.labelling.pose_space import fit_pose_space, usual

Points = Float[NDArray[np.floating], "frame keypoint 2"]
Likelihood = Float[NDArray[np.floating], "frame keypoint"]
Scores = Float[NDArray[np.float64], "frame"]

METHODS = ("confidence", "jumps", "fitting", "pca", "disagreement")
ORDER = 3
# Points below are guesses: a curve or a space fitted to them would describe the guesses.
LIKELY = 0.5
# So many poses may be wrong without bending the space that is to find them.
STRANGE_SHARE = 0.1


def outlier_scores(method: str, points: Sequence[Points], likelihood: Sequence[Likelihood]) -> Scores:
    """Scores of the first network's frames; `disagreement` compares all networks given.

    `confidence` is one minus the likelihood, in the mean; the others are in pixels.
    """
    if method == "confidence":
        return np.asarray(1 - likelihood[0].mean(1), np.float64)
    if method == "jumps":
        return longest_step(points[0])
    if method == "fitting":
        return unforeseen(points[0], likelihood[0])
    if method == "pca":
        return unusual_pose(points[0], likelihood[0])
    return spread(points)


def longest_step(points: Points) -> Scores:
    """The longest way that a point goes from the frame before or to the frame after."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=-1).max(axis=1, initial=0)
    found: Scores = np.zeros(len(points))
    found[1:] = steps
    found[:-1] = np.maximum(found[:-1], steps)
    return found


def unforeseen(points: Points, likelihood: Likelihood) -> Scores:
    """Mean distance of points from where the three frames before let expect them.

    An autoregression of order three, with a constant, is fitted by least squares to each coordinate over frames in
    which the point is likely. Coordinates that are seldom likely count nothing.
    """
    total = np.zeros(len(points))
    for keypoint in range(points.shape[1]):
        sure = likelihood[:, keypoint] >= LIKELY
        total += np.hypot(*(_residuals(points[:, keypoint, axis], sure) for axis in (0, 1)))
    mean: Scores = total / points.shape[1]
    return mean


def _residuals(track: Float[NDArray[np.floating], "frame"], sure: NDArray[np.bool_]) -> Scores:
    found = np.zeros(len(track))
    count = len(track) - ORDER
    if count < 1:
        return found
    before = np.stack([track[ORDER - lag : ORDER - lag + count] for lag in range(1, ORDER + 1)] + [np.ones(count)], 1)
    usable = np.stack([sure[lag : lag + count] for lag in range(ORDER + 1)]).all(0)
    if usable.sum() <= 2 * (ORDER + 1):
        return found
    weights = np.linalg.lstsq(before[usable], track[ORDER:][usable], rcond=None)[0]
    found[ORDER:] = np.abs(track[ORDER:] - before @ weights)
    return found


def unusual_pose(points: Points, likelihood: Likelihood) -> Scores:
    """Mean distance of points from the space of the poses in which every point is likely."""
    sure = np.min(likelihood, axis=1) >= LIKELY
    space = fit_pose_space(usual(points[sure], STRANGE_SHARE))
    return np.zeros(len(points)) if space is None else np.asarray(space.errors(points).mean(1), np.float64)


def spread(points: Sequence[Points]) -> Scores:
    """How far networks lie apart: the standard deviation over networks, in the mean over points."""
    several = np.stack(points)
    variance = np.square(several - several.mean(0)).sum(-1).mean(0)
    return np.asarray(np.sqrt(variance).mean(1), np.float64)
