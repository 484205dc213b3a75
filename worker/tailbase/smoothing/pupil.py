"""Pupil smoother: four points on the rim of one circle.

State: diameter and centre (relative to its mean). A frame later a factor of each is left, and noise keeps its overall
variance: x[t+1] = f x[t] + w, var(w) = var(x) (1 - f²). Source: the IBL pupil model of Biderman et al. 2024.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.smoothing.ensemble import Ensemble
from tailbase.smoothing.kalman import Model, observe, side_by_side, smooth_states, states_nll
from tailbase.smoothing.parameter import search_blocks
from tailbase.smoothing.single import Smoothed

Floats = NDArray[np.float64]

RIM = {"top": (0.0, -0.5), "bottom": (0.0, 0.5), "right": (0.5, 0.0), "left": (-0.5, 0.0)}
"""Where each point lies on the rim, in diameters from the centre."""

MIN_FACTOR, MAX_FACTOR = 1e-3, 1 - 1e-4
MIN_FRAMES = 3
SEARCH_POINTS = 7
SEARCH_ROUNDS = 6


@dataclass(frozen=True)
class SmoothedPupil:
    """The rim's points as a track, and the pupil itself: diameter, centre x and centre y, shape (frame, 3), px."""

    rim: Smoothed
    pupil: Floats
    pupil_variance: Floats


def rim_positions(names: tuple[str, ...]) -> Floats:
    """Where each keypoint lies on the rim, from words in its name, shape (keypoint, 2).

    Raises:
        PoseError: smoothing.pupil_keypoints, unless there are exactly the four points of the rim.
    """
    found = [next((side for side in RIM if side in name.lower()), None) for name in names]
    if sorted(side or "" for side in found) != sorted(RIM):
        raise PoseError(
            "smoothing.pupil_keypoints",
            "The pupil smoother needs four keypoints whose names contain top, bottom, right and left; choose them "
            f"with --keypoints. Found: {', '.join(names)}.",
        )
    return np.array([RIM[side] for side in found if side is not None])


def smooth_pupil(ensemble: Ensemble, rim: Floats, factors: tuple[float, float] | None = None) -> SmoothedPupil:
    """Smooth the four points of a pupil's rim as one circle.

    Args:
        ensemble: statistics of the members for the four points.
        rim: where each lies, as `rim_positions` gives it.
        factors: how much of the diameter's and of the centre's distance from the mean is left a frame later, each
            between 0 and 1; None finds the most likely ones.
    """
    seen = np.isfinite(ensemble.variance)
    diameter, centre = _raw_circle(np.where(seen, ensemble.centre, np.nan), rim)
    if np.isfinite(centre).all(axis=1).sum() < MIN_FRAMES:
        raise PoseError("smoothing.too_few_frames", "All four points of the pupil are seen in fewer than three frames.")
    offset = np.nanmean(centre, axis=0)
    scale = np.array([np.nanvar(diameter), *np.nanvar(centre, axis=0)])
    mean_diameter = float(np.nanmean(diameter))
    frames = len(diameter)
    y = np.where(seen, ensemble.centre - offset, 0.0).reshape(frames, 1, -1)
    r = ensemble.variance.reshape(frames, 1, -1)
    mean0 = np.array([mean_diameter, 0.0, 0.0])
    chosen = _search(rim, scale, mean0, y, r) if factors is None else np.asarray(factors, np.float64)
    directions = _directions(rim)
    mean, covariance = smooth_states(observe(directions, y, r), _model(scale, mean0, chosen[None], 1))
    shape = ensemble.centre.shape
    points = np.einsum("ni,ti->tn", directions[0], mean[:, 0]).reshape(shape) + offset
    variance = np.einsum("ni,tij,nj->tn", directions[0], covariance[:, 0], directions[0], optimize=True).reshape(shape)
    track = Smoothed(points, variance, variance + np.where(seen, ensemble.variance, 0.0), ensemble.variance, chosen)
    pupil = mean[:, 0] + np.array([0.0, *offset])
    return SmoothedPupil(track, pupil, np.diagonal(covariance[:, 0], axis1=1, axis2=2).copy())


def _raw_circle(points: Floats, rim: Floats) -> tuple[Floats, Floats]:
    """Diameter and centre of each frame, shapes (frame,) and (frame, 2); NaN where too little is seen.

    Each pair of rim points gives an estimate of the diameter from the length of its chord; their median counts.
    """
    pairs = list(combinations(range(len(rim)), 2))
    chords = np.stack([np.linalg.norm(points[:, a] - points[:, b], axis=1) for a, b in pairs])
    per_diameter = np.array([np.linalg.norm(rim[a] - rim[b]) for a, b in pairs])
    enough = np.isfinite(chords).any(axis=0)
    diameter = np.full(len(points), np.nan)
    diameter[enough] = np.nanmedian(chords[:, enough] / per_diameter[:, None], axis=0)
    return diameter, points.mean(axis=1)


def _directions(rim: Floats) -> Floats:
    """How each coordinate of the rim follows from diameter and centre, shape (1, coordinate, 3)."""
    directions = np.zeros((len(rim), 2, 3))
    directions[:, :, 0] = rim
    directions[:, 0, 1] = directions[:, 1, 2] = 1.0
    return directions.reshape(1, -1, 3)


def _model(scale: Floats, mean0: Floats, factors: Floats, stretches: int) -> Model:
    """One candidate a pair of factors, shape (candidate, 2), for each stretch of frames."""
    factor = np.repeat(factors.T[[0, 1, 1], None], stretches, axis=1)
    step = np.sqrt(scale[:, None, None] * (1 - factor**2))
    return Model(factor, step, np.repeat(mean0[:, None], stretches, axis=1), np.tile(np.diag(scale), (stretches, 1, 1)))


def _search(rim: Floats, scale: Floats, mean0: Floats, y: Floats, r: Floats) -> Floats:
    """The most likely pair of factors: a grid over their logits that closes in on the best."""
    stretches = search_blocks(len(y))
    observed = side_by_side([observe(_directions(rim), y[s], r[s]) for s in stretches])
    low, high = (np.log(f / (1 - f)) for f in (MIN_FACTOR, MAX_FACTOR))
    middle, reach = np.full(2, (low + high) / 2), (high - low) / 2
    for _ in range(SEARCH_ROUNDS):
        axes = [np.clip(np.linspace(m - reach, m + reach, SEARCH_POINTS), low, high) for m in middle]
        logits = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
        nll = states_nll(observed, _model(scale, mean0, 1 / (1 + np.exp(-logits)), len(stretches))).sum(axis=0)
        middle = logits[int(nll.argmin())]
        reach *= 2 / (SEARCH_POINTS - 1)
    return np.asarray(1 / (1 + np.exp(-middle)))
