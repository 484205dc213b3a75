"""The order in which frames are worth labelling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailbase.labelling.benefit import Signals, benefit, disagreement, jumps
from tailbase.labelling.pose_space import body_size, fit_pose_space

NONE = np.zeros((0, 3, 2))


def poses(count: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    middle = random.uniform(0, 300, (count, 1, 2))
    return middle + random.normal(0, 10, (count, 3, 2))


def sure(points: np.ndarray) -> np.ndarray:
    return np.full(points.shape[:2], 0.9)


def test_of_different_poses_the_one_the_network_is_unsure_of_comes_first() -> None:
    points = np.array([[[0.0, 0], [10, 0], [20, 0]], [[100, 0], [110, 0], [120, 0]], [[0, 100], [10, 100], [20, 100]]])
    likelihood = sure(points)
    likelihood[1] = 0.2
    assert int(np.argmax(benefit(Signals(points, likelihood), NONE))) == 1


def test_two_frames_alike_are_not_asked_for_one_after_the_other() -> None:
    points = poses(20)
    points[1] = points[0] + 0.1
    likelihood = sure(points)
    likelihood[:2] = 0.1
    order = np.argsort(-benefit(Signals(points, likelihood), NONE))
    assert order[0] in (0, 1)
    assert list(order).index(1 if order[0] == 0 else 0) > 10


def test_a_pose_that_is_labelled_already_comes_last() -> None:
    points = poses(10)
    assert int(np.argmin(benefit(Signals(points, sure(points)), points[3:4]))) == 3


@pytest.mark.parametrize("signal", ["others", "jumps"])
def test_networks_that_disagree_and_points_that_jump_bring_a_frame_forward(signal: str) -> None:
    points = np.tile(poses(1), (10, 1, 1)) + np.arange(10)[:, None, None] * [[[40.0, 0]]]
    other = points.copy()
    other[6] += 15
    more = {"others": [other]} if signal == "others" else {"jumps": jumps(points, other, other)}
    scores = benefit(Signals(points, sure(points), **more), NONE)
    assert int(np.argmax(scores)) == 6


def test_a_model_that_has_not_looked_at_a_frame_does_not_disagree() -> None:
    points = poses(2)
    other = np.full_like(points, np.nan)
    other[1] = points[1] + [3, 4]
    assert disagreement(points, [other]).tolist() == pytest.approx([0, 5])


def test_a_frame_without_neighbours_has_no_known_jump() -> None:
    points = poses(3)
    before = points - [10, 0]
    before[1] = np.nan
    assert jumps(points, before, 2 * points - before)[[0, 2]].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert np.isnan(jumps(points, before, points)[1])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 600), st.integers(0, 5))
def test_scores_are_an_order_between_zero_and_one(count: int, labelled: int) -> None:
    points = poses(count)
    scores = benefit(Signals(points, np.random.default_rng(1).random((count, 3))), poses(labelled, seed=2))
    assert len(set(scores.tolist())) == count
    assert all(0 < score <= 1 for score in scores)


def test_a_pose_space_finds_the_point_that_lies_where_no_label_has_it() -> None:
    random = np.random.default_rng(0)
    body = np.array([[0.0, 0], [20, 0], [40, 0]])
    bend = random.normal(0, 1, (200, 1, 1)) * np.array([[0.0, 5], [0, -10], [0, 5]])
    space = fit_pose_space(body + bend + random.uniform(0, 100, (200, 1, 2)))
    assert space is not None
    odd = body + np.array([[0, 0], [0, 0], [-15, 0]])
    assert space.errors(np.stack([body, odd]))[0].max() < 1
    assert space.errors(np.stack([body, odd]))[1].max() > 5


def test_few_or_incomplete_poses_make_no_space() -> None:
    assert fit_pose_space(poses(5)) is None
    assert fit_pose_space(np.full((100, 3, 2), np.nan)) is None
    assert fit_pose_space(NONE) is None


def test_the_size_of_a_body_is_at_least_a_pixel() -> None:
    assert body_size(NONE) == 1
    assert body_size(np.full((2, 3, 2), np.nan)) == 1
