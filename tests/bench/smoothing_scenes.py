"""Scenes with a known truth for the benchmark of smoothing: one camera, mirrors, three calibrated cameras.

InD and OOD differ in the networks: within their training data they err on their own, each point alone; outside it they
err more, now and then all at once in the same direction, and are hidden from for longer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.smoothing.calibrated import smooth_calibrated
from tailbase.smoothing.cameras import Cameras, project, rotation_matrix
from tailbase.smoothing.ensemble import Ensemble, ensemble_statistics
from tailbase.smoothing.multiview import smooth_views
from tailbase.smoothing.single import smooth_single

Floats = NDArray[np.float64]

FRAMES, KEYPOINTS, MEMBERS = 4000, 4, 5
MIRRORS = np.array([[1.0, 0.1, 0.0], [0.0, 1.0, 0.2], [0.9, 0.0, 0.3], [0.1, 0.2, 1.0]])
NORMAL = {0.5: 0.67448975, 0.9: 1.64485363, 0.99: 2.5758293}


@dataclass(frozen=True)
class Scene:
    """Truth of each view, shape (frame, keypoint, 2), what members say of it, and the cameras where calibrated."""

    truths: list[Floats]
    members: list[Floats]
    cameras: Cameras | None = None


def scenes() -> dict[str, Scene]:
    found = {}
    for ood in (False, True):
        label = "OOD" if ood else "InD"
        for name, (truths, cameras) in tracks().items():
            members = [_members(truth, 10 * v + ood, ood) for v, truth in enumerate(truths)]
            found[f"{name} {label}"] = Scene(truths, members, cameras)
    return found


def tracks() -> dict[str, tuple[list[Floats], Cameras | None]]:
    """Smooth motion: velocities that fade, around a place that draws the point back."""
    single = _motion(0, 2, 3.0)
    both = _motion(1, 3, 3.0) @ MIRRORS.T
    cameras = three_cameras()
    pixels = project(cameras, _motion(2, 3, 0.25))
    return {
        "single": ([single], None),
        "mirrored": ([both[..., :2], both[..., 2:]], None),
        "calibrated": ([pixels[:, :, v] for v in range(3)], cameras),
    }


def _motion(seed: int, numbers: int, size: float) -> Floats:
    rng = np.random.default_rng(seed)
    place, speed = np.zeros((KEYPOINTS, numbers)), np.zeros((KEYPOINTS, numbers))
    track = np.empty((FRAMES, KEYPOINTS, numbers))
    for t in range(FRAMES):
        speed = 0.8 * speed - 0.01 * place + rng.normal(0, 0.5 * size, speed.shape)
        place = place + speed
        track[t] = place
    return track


def three_cameras() -> Cameras:
    rotation = np.stack([rotation_matrix(np.array([0.1, angle, 0.0])) for angle in (0.0, 0.7, -0.8)])
    matrix = np.tile(np.array([[800.0, 0, 320], [0, 800, 240], [0, 0, 1]]), (3, 1, 1))
    distortion = np.tile([-0.15, 0.03, 0.001, -0.001, 0.0, 0.0, 0.0, 0.0], (3, 1))
    return Cameras(("left", "front", "right"), matrix, distortion, rotation, np.tile([0.0, 0.0, 60.0], (3, 1)))


def _members(truth: Floats, seed: int, ood: bool) -> Floats:
    rng = np.random.default_rng(100 + seed)
    length = 20 if ood else 8
    hidden = np.repeat(rng.random((FRAMES // length, KEYPOINTS)) < (0.15 if ood else 0.05), length, axis=0)
    scale = np.where(hidden, 15.0, 3.0 if ood else 1.5)
    noise = rng.normal(size=(MEMBERS, *truth.shape)) * scale[..., None]
    if ood:
        noise += rng.normal(0, 1.0, truth.shape)
    likelihood = np.broadcast_to(np.where(hidden, 0.4, 0.95), (MEMBERS, *hidden.shape))
    return np.concatenate([truth + noise, likelihood[..., None]], axis=-1)


def judge(scene: Scene) -> dict[str, float]:
    """Mean error of the smoothed track over that of the best network and over that of the median."""
    ensembles = [ensemble_statistics(view) for view in scene.members]
    smoothed = _mean_error([track.points for track in _smooth(ensembles, scene.members, scene.cameras)], scene.truths)
    best = min(_mean_error([view[m, ..., :2] for view in scene.members], scene.truths) for m in range(MEMBERS))
    median = _mean_error([ensemble.centre for ensemble in ensembles], scene.truths)
    return {"over_best": smoothed / best, "over_median": smoothed / median}


def _mean_error(points: list[Floats], truths: list[Floats]) -> float:
    return float(np.mean([np.linalg.norm(p - t, axis=-1).mean() for p, t in zip(points, truths, strict=True)]))


def _smooth(ensembles: list[Ensemble], members: list[Floats], cameras: Cameras | None):  # type: ignore[no-untyped-def]
    if cameras is not None:
        return smooth_calibrated(cameras, members, ensembles).views
    return [smooth_single(ensembles[0])] if len(ensembles) == 1 else smooth_views(ensembles, quantile=95.0)


def coverage_gaps() -> dict[str, float]:
    """Largest difference between promised and true coverage where the noise is as the model has it."""
    rng = np.random.default_rng(5)
    walks = {
        "single": ([np.cumsum(rng.normal(0, 1.0, (FRAMES, KEYPOINTS, 2)), axis=0)], None),
        "mirrored": (_split(np.cumsum(rng.normal(0, 2.0, (FRAMES, KEYPOINTS, 3)), axis=0) @ MIRRORS.T), None),
        "calibrated": (_seen_walk(rng), three_cameras()),
    }
    gaps = {}
    for name, (truths, cameras) in walks.items():
        variance = [rng.gamma(2.0, 1.0, truth.shape) + 0.05 for truth in truths]
        centres = [truth + rng.normal(size=truth.shape) * np.sqrt(v) for truth, v in zip(truths, variance, strict=True)]
        ones = np.ones(truths[0].shape[:2])
        ensembles = [Ensemble(c, v, v, ones) for c, v in zip(centres, variance, strict=True)]
        members = [np.concatenate([centre, ones[..., None]], axis=-1)[None] for centre in centres]
        found = _smooth(ensembles, members, cameras)
        z = np.stack([np.abs(f.points - t) / np.sqrt(f.variance) for f, t in zip(found, truths, strict=True)])
        gaps[name] = max(abs(float((z <= width).mean()) - share) for share, width in NORMAL.items())
    return gaps


def _split(both: Floats) -> list[Floats]:
    return [both[..., :2], both[..., 2:]]


def _seen_walk(rng: np.random.Generator) -> list[Floats]:
    track = np.zeros((FRAMES, KEYPOINTS, 3))
    for t in range(1, FRAMES):
        track[t] = track[t - 1] * 0.995 + rng.normal(0, 0.12, (KEYPOINTS, 3))
    pixels = project(three_cameras(), track)
    return [pixels[:, :, v] for v in range(3)]
