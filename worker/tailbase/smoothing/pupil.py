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
from tailbase.smoothing.kalman import Model, filter_states, smooth_states
from tailbase.smoothing.parameter import search_blocks
from tailbase.smoothing.single import Smoothed

Floats = NDArray[np.float64]

RIM = {"top": (0.0, -0.5), "bottom": (0.0, 0.5), "right": (0.5, 0.0), "left": (-0.5, 0.0)}
"""Where each point lies on the rim, in diameters from the centre."""

MIN_FACTOR, MAX_FACTOR = 1e-3, 1 - 1e-4
SEARCH_POINTS = 7
SEARCH_ROUNDS = 5


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
    offset = np.nanmean(centre, axis=0)
    scale = np.array([np.nanvar(diameter), *np.nanvar(centre, axis=0)])
    mean_diameter = float(np.nanmean(diameter))
    frames = len(diameter)
    y = np.where(seen, ensemble.centre - offset, 0.0).reshape(frames, 1, -1)
    r = ensemble.variance.reshape(frames, 1, -1)
    mean0 = np.array([mean_diameter, 0.0, 0.0])
    chosen = _search(rim, scale, mean0, y, r) if factors is None else np.asarray(factors, np.float64)
    model = _model(rim, scale, mean0, chosen[None])
    mean, covariance = smooth_states(model, filter_states(model, y, r))
    shape = ensemble.centre.shape
    points = np.einsum("ni,ti->tn", model.observe[0], mean[:, 0]).reshape(shape) + offset
    variance = np.einsum("ni,tij,nj->tn", model.observe[0], covariance[:, 0], model.observe[0], optimize=True).reshape(
        shape
    )
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


def _model(rim: Floats, scale: Floats, mean0: Floats, factors: Floats) -> Model:
    """A batch of models, one a pair of factors, shape (batch, 2)."""
    batch = len(factors)
    observe = np.zeros((rim.shape[0], 2, 3))
    observe[:, :, 0] = rim
    observe[:, 0, 1] = observe[:, 1, 2] = 1.0
    factor = factors[:, [0, 1, 1]]
    return Model(
        np.broadcast_to(observe.reshape(1, -1, 3), (batch, 2 * rim.shape[0], 3)),
        factor[:, :, None] * np.eye(3),
        (scale * (1 - factor**2))[:, :, None] * np.eye(3),
        np.tile(mean0, (batch, 1)),
        np.broadcast_to(np.diag(scale), (batch, 3, 3)),
    )


def _search(rim: Floats, scale: Floats, mean0: Floats, y: Floats, r: Floats) -> Floats:
    """The most likely pair of factors: a grid over their logits that closes in on the best."""
    blocks = search_blocks(len(y))
    low, high = (np.log(f / (1 - f)) for f in (MIN_FACTOR, MAX_FACTOR))
    middle, reach = np.full(2, (low + high) / 2), (high - low) / 2
    for _ in range(SEARCH_ROUNDS):
        axes = [np.clip(np.linspace(m - reach, m + reach, SEARCH_POINTS), low, high) for m in middle]
        logits = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
        model = _model(rim, scale, mean0, 1 / (1 + np.exp(-logits)))
        nll = np.zeros(len(logits))
        for block in blocks:
            nll += filter_states(model, y[block].repeat(len(logits), axis=1), r[block].repeat(len(logits), axis=1)).nll
        middle = logits[int(nll.argmin())]
        reach *= 2 / (SEARCH_POINTS - 1)
    return np.asarray(1 / (1 + np.exp(-middle)))
