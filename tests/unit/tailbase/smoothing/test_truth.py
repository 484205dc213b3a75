"""Scenes whose truth is known: the smoothed track is nearer to it than any network, and its intervals hold it."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tailbase.smoothing.calibrated import smooth_calibrated
from tailbase.smoothing.cameras import Cameras, project
from tailbase.smoothing.ensemble import Ensemble, ensemble_statistics
from tailbase.smoothing.multiview import smooth_views
from tailbase.smoothing.single import Smoothed, smooth_single

Floats = NDArray[np.float64]

FRAMES, KEYPOINTS = 3000, 4
NORMAL = {0.5: 0.67448975, 0.9: 1.64485363, 0.99: 2.5758293}
VIEWS = np.array([[1.0, 0.1, 0.0], [0.0, 1.0, 0.2], [0.9, 0.0, 0.3], [0.1, 0.2, 1.0]])


def _seen_with_known_noise(truth: Floats, seed: int) -> Ensemble:
    """An ensemble whose variance is exactly that of its centre."""
    rng = np.random.default_rng(seed)
    variance = rng.gamma(2.0, 1.0, truth.shape) + 0.05
    centre = truth + rng.normal(size=truth.shape) * np.sqrt(variance)
    return Ensemble(centre, variance, variance, np.ones(truth.shape[:2]))


def _assert_covers(tracks: list[Smoothed], truths: list[Floats]) -> None:
    z = np.concatenate(
        [np.abs(track.points - truth) / np.sqrt(track.variance) for track, truth in zip(tracks, truths, strict=True)]
    )
    for share, width in NORMAL.items():
        assert (z <= width).mean() == pytest.approx(share, abs=0.03)


def _assert_beats(tracks: list[Smoothed], members: list[Floats], truths: list[Floats]) -> None:
    def error(points: list[Floats]) -> float:
        return float(np.mean([np.linalg.norm(p - t, axis=-1).mean() for p, t in zip(points, truths, strict=True)]))

    smoothed = error([track.points for track in tracks])
    best = min(error([view[m, ..., :2] for view in members]) for m in range(len(members[0])))
    assert smoothed < 0.8 * best
    assert smoothed < error([np.median(view[..., :2], axis=0) for view in members])


def _occluded(seed: int, keypoints: int) -> NDArray[np.bool_]:
    """Stretches of ten frames in which a keypoint is hidden."""
    return np.repeat(np.random.default_rng(seed).random((FRAMES // 10, keypoints)) < 0.1, 10, axis=0)


def test_intervals_of_one_camera_hold_the_truth_as_often_as_they_promise(walk: Callable[..., Floats]) -> None:
    truth = walk(FRAMES, KEYPOINTS, 2, seed=0)
    _assert_covers([smooth_single(_seen_with_known_noise(truth, 1))], [truth])


def test_intervals_of_mirrored_views_hold_the_truth_as_often_as_they_promise(walk: Callable[..., Floats]) -> None:
    both = walk(FRAMES, KEYPOINTS, 3, seed=1, sd=2.0) @ VIEWS.T
    truths = [both[..., :2], both[..., 2:]]
    views = [_seen_with_known_noise(truth, seed) for seed, truth in enumerate(truths)]
    _assert_covers(smooth_views(views, quantile=95.0), truths)


def _track_in_space(walk: Callable[..., Floats], seed: int, frames: int) -> Floats:
    steps = np.diff(walk(frames + 1, 2, 3, seed=seed, sd=0.12), axis=0)
    track = np.zeros((frames, 2, 3))
    for t in range(1, frames):
        track[t] = track[t - 1] * 0.995 + steps[t]
    return track


def test_intervals_of_calibrated_cameras_hold_the_truth_as_often_as_they_promise(
    walk: Callable[..., Floats], cameras: Cameras
) -> None:
    pixels = project(cameras, _track_in_space(walk, 2, 1500))
    truths = [pixels[:, :, v] for v in range(3)]
    views = [_seen_with_known_noise(truth, seed) for seed, truth in enumerate(truths)]
    members = [np.concatenate([view.centre, view.likelihood[..., None]], axis=-1)[None] for view in views]
    _assert_covers(smooth_calibrated(cameras, members, views).views, truths)


def test_one_camera_beats_its_best_network_and_their_median(
    walk: Callable[..., Floats], noisy_members: Callable[..., Floats]
) -> None:
    truth = walk(FRAMES, KEYPOINTS, 2, seed=3)
    members = noisy_members(truth, 4, occluded=_occluded(5, KEYPOINTS))
    _assert_beats([smooth_single(ensemble_statistics(members))], [members], [truth])


def test_mirrored_views_beat_their_best_network_and_their_median(
    walk: Callable[..., Floats], noisy_members: Callable[..., Floats]
) -> None:
    both = walk(FRAMES, KEYPOINTS, 3, seed=6) @ VIEWS.T
    truths = [both[..., :2], both[..., 2:]]
    members = [noisy_members(t, 7 + v, occluded=_occluded(v, KEYPOINTS)) for v, t in enumerate(truths)]
    _assert_beats(smooth_views([ensemble_statistics(view) for view in members]), members, truths)


def test_calibrated_cameras_beat_their_best_network_and_their_median(
    walk: Callable[..., Floats], noisy_members: Callable[..., Floats], cameras: Cameras
) -> None:
    pixels = project(cameras, _track_in_space(walk, 8, 1000))
    truths = [pixels[:, :, v] for v in range(3)]
    members = [noisy_members(t, 9 + v, occluded=_occluded(v, 2)[:1000]) for v, t in enumerate(truths)]
    found = smooth_calibrated(cameras, members, [ensemble_statistics(view) for view in members])
    _assert_beats(found.views, members, truths)
