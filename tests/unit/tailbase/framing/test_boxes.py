"""Boxes are cut out exactly, hold the animals, and move steadily."""

import numpy as np
import pytest
import torch

from tailbase.errors import PoseError
from tailbase.framing.boxes import REACH, Box, box_of, box_sizes, cut, found_middles, middles, steady
from tailbase.schema import Crop

NAN = float("nan")


def test_a_box_beyond_the_picture_is_black_there() -> None:
    image = torch.arange(48, dtype=torch.uint8).view(1, 6, 8).repeat(3, 1, 1) + 1
    inside = cut(image, Box(2, 1, 4, 3))
    assert torch.equal(inside, image[:, 1:4, 2:6])
    outside = cut(image, Box(-2, 4, 5, 4))
    assert torch.equal(outside[:, :2, 2:], image[:, 4:, :3])
    assert outside[:, 2:].eq(0).all()
    assert outside[:, :, :2].eq(0).all()
    assert cut(image, Box(100, 100, 4, 3)).shape == (3, 3, 4)


def test_a_crop_beyond_the_picture_is_refused() -> None:
    assert box_of(Crop(x=10, y=20, width=30, height=40), 100, 200, "film.mp4") == Box(10, 20, 30, 40)
    with pytest.raises(PoseError, match="200 x 100 pixels") as refused:
        box_of(Crop(x=180, y=20, width=30, height=40), 100, 200, "film.mp4")
    assert refused.value.code == "crop.outside"


def test_a_box_lies_around_its_centre() -> None:
    box = Box.around((50.0, 30.5), 41, 20)
    assert box.middle == (50.0, 30.5)


def test_boxes_have_the_shape_of_the_input_and_hold_nearly_all_poses() -> None:
    random = np.random.default_rng(0)
    points = random.uniform(0, [60, 30], (200, 2, 5, 2)) + random.uniform(0, 500, (200, 2, 1, 2))
    points[:, 1] *= 2
    small, large = box_sizes(points, 0.25, (64, 128), 600)
    extent = np.ptp(points[:, 0], axis=1)
    assert small[0] == pytest.approx(2 * small[1], abs=16)
    assert small[0] % 8 == small[1] % 8 == 0
    assert (1.25 * extent[:, 0] < small[0]).mean() > 0.9
    assert (1.25 * extent[:, 1] < small[1]).mean() > 0.9
    assert large[0] > 1.7 * small[0]


def test_an_animal_of_one_point_still_gets_a_box() -> None:
    assert box_sizes(np.full((4, 1, 1, 2), 7.0), 0.25, (64, 64), 1600) == ((104, 104),)


def test_the_middle_is_of_the_likely_points_that_lie_together() -> None:
    points = np.array([[[[10, 10], [30, 20], [20, 16], [400, 400]]]], float)
    found = found_middles(points, np.array([[[0.9, 0.8, 0.7, 0.9]]]), ((64, 64),))
    assert np.allclose(found, [[[20, 15]]])
    assert np.isnan(found_middles(points, np.full((1, 1, 4), 0.01), ((64, 64),))).all()
    assert np.isnan(middles(np.full((2, 3, 2), NAN))).all()


def _track(frames: int) -> np.ndarray:
    places = np.stack([np.arange(frames) * 2.0, np.full(frames, 50.0)], -1)[:, None]
    return places.copy()


def test_a_box_follows_steady_motion_and_ignores_single_mistakes() -> None:
    track = _track(100)
    track[40] = [900, 900]
    smooth = steady(track, (0, 0))
    assert np.abs(smooth - _track(100))[6:-6].max() <= 2
    assert np.abs(smooth[6:-6, 0, 1] - 50).max() == 0


def test_a_gap_is_bridged_straight_and_a_long_absence_gives_the_middle() -> None:
    track = _track(400)
    track[50:80] = NAN
    track[150:350] = NAN
    smooth = steady(track, (7, 8))
    assert np.abs(smooth[50:80, 0, 0] - np.arange(100, 160, 2)).max() < 9
    assert np.allclose(smooth[250, 0], [7, 8])


def test_the_box_of_a_frame_depends_on_the_frames_around_it_alone() -> None:
    random = np.random.default_rng(1)
    track = np.cumsum(random.normal(size=(900, 1, 2)), axis=0)
    track[random.random(900) < 0.4] = NAN
    track[500:620] = NAN
    whole = steady(track, (0, 0))
    for first, stop in ((0, 300), (300, 560), (560, 900)):
        low, high = max(0, first - REACH), min(900, stop + REACH)
        part = steady(track[low:high], (0, 0))
        assert np.array_equal(part[first - low : stop - low], whole[first:stop])
