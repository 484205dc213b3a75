"""The drawn animal: the same each time, true to its points, and hidden where it is hidden."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tailbase.schema import PointState
from tailbase.synthetic import Scene, render_frame, sample_skeleton, training_scene, unseen_scene
from tailbase.synthetic.body import PARTS, body_at
from tailbase.synthetic.motion import STANCE, STRIDE, distance_at, foot_offset, walk_to
from tailbase.synthetic.rig import POST, empty_rig
from tailbase.synthetic.scene import ARENA_BOTTOM, FLOOR_ROW, HEIGHT, WIDTH

QUIET = replace(training_scene(), noise=0.0)
NAMES = sample_skeleton().names


def column(part: str, view: str) -> int:
    return NAMES.index(f"{part}_{view}")


def test_the_same_scene_and_time_give_the_same_picture_and_points():
    first, second = render_frame(Scene(seed=3), 1.7), render_frame(Scene(seed=3), 1.7)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_another_seed_is_another_walk():
    _, here, _ = render_frame(Scene(seed=3), 1.7)
    _, there, _ = render_frame(Scene(seed=4), 1.7)
    assert np.abs(here - there).max() > 20


def test_a_frame_does_not_depend_on_which_frames_were_drawn_before():
    late, *_ = render_frame(Scene(seed=11), 9.0)
    render_frame(Scene(seed=11), 200.0)
    again, *_ = render_frame(Scene(seed=11), 9.0)
    np.testing.assert_array_equal(late, again)


def test_picture_points_and_states_have_the_shapes_of_the_skeleton():
    image, points, states = render_frame(training_scene(), 0.5)
    assert (image.shape, image.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)
    assert points.shape == (len(NAMES), 2)
    assert states.shape == (len(NAMES),)
    assert len(NAMES) == 18


@pytest.mark.parametrize("seconds", [0.4, 2.2, 6.1])
def test_visible_points_lie_on_the_animal(seconds):
    image, points, states = render_frame(QUIET, seconds)
    empty = empty_rig(QUIET) * 255
    for (x, y), state in zip(points, states, strict=True):
        if state == PointState.VISIBLE:
            here = slice(round(y) - 2, round(y) + 3), slice(round(x) - 2, round(x) + 3)
            assert np.abs(image[here] - empty[here]).max() > 25


def test_both_views_show_the_same_columns():
    _, points, _ = render_frame(training_scene(), 3.0)
    top, side = points[: len(PARTS), 0], points[len(PARTS) :, 0]
    both = np.isfinite(top) & np.isfinite(side)
    assert both.sum() >= 6
    np.testing.assert_allclose(top[both], side[both])


def test_a_moved_camera_moves_every_point():
    _, here, _ = render_frame(training_scene(), 3.0)
    _, there, _ = render_frame(replace(training_scene(), shift=(5, -3)), 3.0)
    seen = np.isfinite(here).all(axis=1)
    np.testing.assert_allclose((there - here)[seen], np.broadcast_to([5, -3], (seen.sum(), 2)))


def test_points_outside_the_picture_are_absent_and_have_no_place():
    _, points, states = render_frame(replace(training_scene(), shift=(-250, 0)), 3.0)
    assert (states == PointState.ABSENT).any()
    np.testing.assert_array_equal(np.isnan(points).any(axis=1), states == PointState.ABSENT)


def test_what_the_mirrors_holder_hides_is_occluded():
    seen = 0
    for seconds in np.arange(0, 10, 0.2):
        _, points, states = render_frame(training_scene(), seconds)
        side = slice(len(PARTS), None)
        behind = (points[side, 0] > POST[0]) & (points[side, 0] < POST[1] - 1)
        assert np.isin(states[side][behind], (PointState.OCCLUDED, PointState.ABSENT)).all()
        seen += behind.sum()
    assert seen > 0


def test_a_nose_behind_the_whole_body_is_absent():
    states = np.stack([render_frame(unseen_scene(), s)[2] for s in np.arange(0, 10, 0.1)])
    assert 0 < (states[:, column("nose", "side")] == PointState.ABSENT).mean() < 0.3


def test_ears_and_tail_base_are_seen_from_above_and_far_paws_are_hidden_in_the_mirror():
    states = np.stack([render_frame(training_scene(), s)[2] for s in np.arange(0, 10, 0.25)])
    occluded = (states == PointState.OCCLUDED).mean(axis=0)
    for part in ("left_ear", "right_ear", "tail_base"):
        assert occluded[column(part, "top")] < 0.05
    for paw in ("left_hindpaw", "right_hindpaw"):
        assert 0.2 < occluded[column(paw, "side")] < 0.8


@pytest.mark.parametrize("seed", range(12))
def test_the_walk_stays_within_the_arena_and_turns_smoothly(seed):
    walk = walk_to(Scene(seed=seed), 8000)
    x, y = walk.points.T
    assert min(x.min(), WIDTH - x.max(), y.min(), ARENA_BOTTOM - y.max()) > 22
    assert np.abs(np.diff(walk.heading)).max() < 1 / 25
    np.testing.assert_allclose(np.linalg.norm(np.diff(walk.points, axis=0), axis=1), 1, atol=1e-3)


def test_the_animal_goes_everywhere_so_that_its_mean_place_says_little():
    walk = walk_to(training_scene(), 4000).points
    assert np.ptp(walk[:, 0]) > WIDTH / 2
    assert walk[:, 0].std() > 50


def test_the_animal_never_walks_backwards():
    distances = [distance_at(training_scene(), s) for s in np.arange(0, 30, 0.05)]
    assert np.diff(distances).min() > 0


def test_a_standing_foot_stays_where_it_is():
    distances = np.arange(0, STRIDE * STANCE - 1, 1.0)
    on_floor = [distance + foot_offset(distance, 0.0)[0] for distance in distances]
    np.testing.assert_allclose(on_floor, on_floor[0])


def test_a_foot_moves_without_jumps():
    offsets = [foot_offset(distance, 0.3)[0] for distance in np.arange(0, 3 * STRIDE, 0.25)]
    assert np.abs(np.diff(offsets)).max() < 1


def test_points_move_smoothly_from_frame_to_frame():
    points = np.stack([render_frame(training_scene(), i / 30)[1] for i in range(60)])
    assert np.nanmax(np.linalg.norm(np.diff(points, axis=0), axis=-1)) < 26


def test_paws_do_not_sink_into_the_floor():
    parts = np.stack([body_at(unseen_scene(), s).parts for s in np.arange(0, 8, 0.1)])
    assert parts[..., 2].min() > 0
    assert FLOOR_ROW < HEIGHT


def test_the_skeleton_names_each_part_in_both_views_with_colours_of_their_own():
    skeleton = sample_skeleton()
    assert skeleton.views == ("top", "side")
    assert len({keypoint.color for keypoint in skeleton.keypoints}) == len(NAMES)
    for keypoint in skeleton.keypoints:
        if keypoint.partner is not None:
            partner = skeleton.keypoints[NAMES.index(keypoint.partner)]
            assert (partner.partner, partner.view) == (keypoint.name, keypoint.view)
    assert sum(keypoint.partner is not None for keypoint in skeleton.keypoints) == 12


def test_drawing_needs_no_network_library():
    code = (
        "import sys, tailbase.synthetic; print([m for m in ('torch', 'timm', 'sklearn', 'scipy') if m in sys.modules])"
    )
    reply = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert reply.stdout.strip() == "[]"
