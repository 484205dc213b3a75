"""Where in a video a network is likely to be wrong."""

import numpy as np
import pytest

from tailbase.labelling.outliers import outlier_scores

FRAMES = 200
ODD = 120


def course(seed: int = 0) -> np.ndarray:
    """Three points of a body that wanders smoothly."""
    time = np.arange(FRAMES)[:, None]
    middle = np.concatenate([100 + 40 * np.sin(time / 9), 80 + 30 * np.cos(time / 7)], axis=1)
    body = np.array([[0.0, 0], [15, 0], [30, 0]])
    bend = np.sin(time / 5)[..., None] * np.array([[0.0, 3], [0, -6], [0, 3]])
    return middle[:, None] + body + bend + np.random.default_rng(seed).normal(0, 0.1, (FRAMES, 3, 2))


def sure() -> np.ndarray:
    return np.full((FRAMES, 3), 0.9)


@pytest.mark.parametrize("method", ["jumps", "fitting", "pca"])
def test_a_point_that_leaps_for_a_frame_is_found(method: str) -> None:
    points = course()
    points[ODD, 1] += [25, 0]
    scores = outlier_scores(method, [points], [sure()])
    assert scores.shape == (FRAMES,)
    assert int(np.argmax(scores)) in (ODD - 1, ODD, ODD + 1)
    assert scores[ODD] > 3 * np.median(scores)


def test_a_frame_the_network_is_unsure_of_is_found() -> None:
    likelihood = sure()
    likelihood[ODD] = 0.1
    assert int(np.argmax(outlier_scores("confidence", [course()], [likelihood]))) == ODD


def test_a_frame_that_networks_disagree_about_is_found() -> None:
    first, second = course(1), course(2)
    second[ODD, 0] += [9, 0]
    scores = outlier_scores("disagreement", [first, second], [sure(), sure()])
    assert int(np.argmax(scores)) == ODD
    assert scores[ODD] == pytest.approx(9 / 2 / 3, rel=0.2)


@pytest.mark.parametrize("method", ["confidence", "jumps", "fitting", "pca", "disagreement"])
@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_very_short_video_has_finite_scores(method: str, frames: int) -> None:
    points, likelihood = course()[:frames], sure()[:frames]
    scores = outlier_scores(method, [points, points], [likelihood, likelihood])
    assert scores.shape == (frames,)
    assert np.isfinite(scores).all()


def test_a_point_that_is_never_likely_fits_any_course() -> None:
    points, likelihood = course(), sure()
    points[:, 2] = np.random.default_rng(0).uniform(0, 200, (FRAMES, 2))
    likelihood[:, 2] = 0.1
    assert outlier_scores("fitting", [points], [likelihood]).max() < 2
