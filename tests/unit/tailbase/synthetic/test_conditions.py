"""Conditions change the picture as they say, and the truth only where something hides the animal."""

import numpy as np
import pytest

from tailbase.schema import PointState
from tailbase.synthetic import render_frame, sample_skeleton, training_scene
from tailbase.synthetic.conditions import CONDITIONS, IN_DISTRIBUTION, Condition, scene_of
from tailbase.synthetic.effects import Effects, bar_columns, toys_at
from tailbase.synthetic.project import write_film
from tailbase.synthetic.scene import ARENA_BOTTOM, HEIGHT, WIDTH
from tailbase.video.reader import open_video

TOP = np.array([keypoint.view == "top" for keypoint in sample_skeleton().keypoints])
QUIET = training_scene(3)


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_condition_looks_unlike_the_labelled_rig_and_knows_where_every_part_is(condition: Condition) -> None:
    plain, *_ = render_frame(scene_of(IN_DISTRIBUTION, 1), 2.0)
    image, points, states = render_frame(scene_of(condition, 1), 2.0, condition.effects)
    assert np.abs(image.astype(float) - plain).mean() > 3
    assert image.shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(np.isnan(points).any(axis=1), states == PointState.ABSENT)
    assert (states == PointState.VISIBLE).sum() >= 6


def test_recordings_under_different_conditions_show_different_walks() -> None:
    walks = [render_frame(scene_of(c, 0), 2.0, c.effects)[1][0] for c in (IN_DISTRIBUTION, *CONDITIONS)]
    assert len({tuple(np.round(place, 3)) for place in walks}) == len(walks)


def test_the_labelled_rig_is_the_scene_of_the_sample_project() -> None:
    assert scene_of(IN_DISTRIBUTION, 7) == training_scene(7)


@pytest.mark.parametrize("effects", [Effects(litter=0.07), Effects(toys=3), Effects(blur=2.0)])
def test_litter_toys_and_blur_leave_the_truth_as_it_is(effects: Effects) -> None:
    plain, points, states = render_frame(QUIET, 1.5)
    image, same_points, same_states = render_frame(QUIET, 1.5, effects)
    assert np.abs(image.astype(float) - plain).max() > 20
    np.testing.assert_array_equal(points, same_points)
    np.testing.assert_array_equal(states, same_states)


def test_what_bars_hide_is_occluded_and_keeps_its_place() -> None:
    effects, hidden = Effects(bars=9, bar_width=9), 0
    for seconds in np.arange(0, 4, 0.5):
        _, points, states = render_frame(QUIET, seconds)
        _, same, barred = render_frame(QUIET, seconds, effects)
        np.testing.assert_array_equal(points, same)
        behind = TOP & np.any([(points[:, 0] > a) & (points[:, 0] < b - 1) for a, b in bar_columns(effects, 3)], axis=0)
        behind &= points[:, 1] < ARENA_BOTTOM
        assert np.isin(barred[behind], (PointState.OCCLUDED, PointState.ABSENT)).all()
        np.testing.assert_array_equal(barred[~TOP], states[~TOP])
        hidden += behind.sum()
    assert hidden > 5


def test_toys_stay_in_the_arena_and_move_smoothly() -> None:
    effects = Effects(toys=4)
    tracks = np.array([[toy[0, :2] for toy, _ in toys_at(effects, 5, s)] for s in np.arange(0, 20, 1 / 30)])
    assert tracks.min() > 20
    assert (tracks < (WIDTH - 20, ARENA_BOTTOM - 20)).all()
    assert np.abs(np.diff(tracks, axis=0)).max() < 4


def test_a_film_shows_its_effects(tmp_path) -> None:
    effects = Effects(litter=0.07)
    write_film(tmp_path / "film.mp4", QUIET, 2, effects=effects)
    with open_video(tmp_path / "film.mp4") as video:
        shown = video.frame(0).astype(float)
    littered, plain = (render_frame(QUIET, 0.0, e)[0] for e in (effects, Effects()))
    assert np.abs(shown - littered).mean() < np.abs(shown - plain).mean() / 2
