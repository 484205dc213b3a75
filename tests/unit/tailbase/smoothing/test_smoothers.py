"""What every smoother keeps: missing points are bridged, order and position of the data do not matter."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.smoothing.calibrated import smooth_calibrated
from tailbase.smoothing.cameras import Cameras, project
from tailbase.smoothing.ensemble import Ensemble, ensemble_statistics
from tailbase.smoothing.multiview import smooth_views
from tailbase.smoothing.parameter import group_of_each, search_blocks
from tailbase.smoothing.paw import align_right_camera, overlap, swapped
from tailbase.smoothing.pupil import rim_positions, smooth_pupil
from tailbase.smoothing.single import Smoothed, smooth_single

Floats = NDArray[np.float64]

RIM = rim_positions(("top", "bottom", "left", "right"))
TWO_VIEWS = np.array([[1.0, 0.2], [0.1, 0.9], [0.8, -0.5], [-0.3, 1.0]])


def _members(seed: int, keypoints: int = 2, frames: int = 40, missing: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    truth = np.cumsum(rng.normal(0, 2, (frames, keypoints, 2)), axis=0) + 100
    values = np.concatenate([truth + rng.normal(size=(4, *truth.shape)), np.full((4, frames, keypoints, 1), 0.9)], -1)
    values[:, rng.random((frames, keypoints)) < missing, :2] = np.nan
    return values


def _two_views(seed: int, missing: float = 0.0) -> list[Floats]:
    """Two views of points that move in a plane."""
    rng = np.random.default_rng(seed)
    latent = np.cumsum(rng.normal(0, 2, (60, 2, 2)), axis=0)
    seen = latent @ TWO_VIEWS.T + 50
    seen = seen + rng.normal(0, 0.5, (4, *seen.shape))
    views = [np.concatenate([seen[..., v : v + 2], np.full((*seen.shape[:-1], 1), 0.9)], -1) for v in (0, 2)]
    views[0][:, rng.random((60, 2)) < missing, :2] = np.nan
    return views


def _circle(seed: int, missing: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    diameter = 20 + np.cumsum(rng.normal(0, 0.2, 80))
    centre = 60 + np.cumsum(rng.normal(0, 0.2, (80, 2)), axis=0)
    points = centre[:, None] + diameter[:, None, None] * RIM
    values = np.concatenate([points + rng.normal(0, 0.5, (4, *points.shape)), np.full((4, 80, 4, 1), 0.9)], axis=-1)
    values[:, rng.random((80, 4)) < missing, :2] = np.nan
    return values


def _in_space(cameras: Cameras, seed: int, missing: float = 0.0) -> list[Floats]:
    rng = np.random.default_rng(seed)
    track = np.cumsum(rng.normal(0, 0.2, (40, 2, 3)), axis=0)
    pixels = project(cameras, track) + rng.normal(0, 0.5, (3, 40, 2, 3, 2))
    values = np.concatenate([pixels, np.full((*pixels.shape[:-1], 1), 0.9)], axis=-1)
    values[:, rng.random((40, 2, 3)) < missing, :2] = np.nan
    return [values[:, :, :, v] for v in range(3)]


Smoother = Callable[[int, float, slice | list[int], Floats], list[Smoothed]]


@pytest.fixture
def smoothers(cameras: Cameras) -> dict[str, Smoother]:
    """Each smoother on data of a seed, with a share missing, members in an order, and all points moved."""

    def moved(values: Floats, order: slice | list[int], shift: Floats) -> Floats:
        return values[order] + np.array([*shift, 0.0])

    def single(seed: int, missing: float, order: slice | list[int], shift: Floats) -> list[Smoothed]:
        return [smooth_single(ensemble_statistics(moved(_members(seed, missing=missing), order, shift)))]

    def views(seed: int, missing: float, order: slice | list[int], shift: Floats) -> list[Smoothed]:
        return smooth_views([ensemble_statistics(moved(v, order, shift)) for v in _two_views(seed, missing)], latent=2)

    def pupil(seed: int, missing: float, order: slice | list[int], shift: Floats) -> list[Smoothed]:
        return [smooth_pupil(ensemble_statistics(moved(_circle(seed, missing), order, shift)), RIM).rim]

    def calibrated(seed: int, missing: float, order: slice | list[int], shift: Floats) -> list[Smoothed]:
        values = [view[order] for view in _in_space(cameras, seed, missing)]
        return smooth_calibrated(cameras, values, [ensemble_statistics(view) for view in values], 1.0).views

    return {"single": single, "views": views, "pupil": pupil, "calibrated": calibrated}


NO_SHIFT = np.zeros(2)
METHODS = ("single", "views", "pupil", "calibrated")


@pytest.mark.parametrize("method", METHODS)
def test_missing_points_are_bridged_and_never_spread(method: str, smoothers: dict[str, Smoother]) -> None:
    for track in smoothers[method](3, 0.2, slice(None), NO_SHIFT):
        assert np.isfinite(track.points).all()
        assert (track.variance > 0).all()
        assert np.isfinite(track.predictive).all()


@pytest.mark.parametrize("method", METHODS)
def test_one_member_alone_is_smoothed(method: str, smoothers: dict[str, Smoother]) -> None:
    for track in smoothers[method](4, 0.0, [0], NO_SHIFT):
        assert np.isfinite(track.points).all()


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000))
def test_the_order_of_members_changes_nothing(method: str, smoothers: dict[str, Smoother], seed: int) -> None:
    count = 3 if method == "calibrated" else 4
    order = list(np.random.default_rng(seed).permutation(count))
    before = smoothers[method](seed, 0.1, slice(None), NO_SHIFT)
    for one, other in zip(before, smoothers[method](seed, 0.1, order, NO_SHIFT), strict=True):
        np.testing.assert_allclose(other.points, one.points, atol=1e-6)
        np.testing.assert_allclose(other.variance, one.variance, rtol=1e-5)


@pytest.mark.parametrize("method", METHODS[:3])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000), x=st.floats(-300, 300), y=st.floats(-300, 300))
def test_moving_all_points_moves_the_track(
    method: str, smoothers: dict[str, Smoother], seed: int, x: float, y: float
) -> None:
    shift = np.array([x, y])
    before = smoothers[method](seed, 0.1, slice(None), NO_SHIFT)
    for one, other in zip(before, smoothers[method](seed, 0.1, slice(None), shift), strict=True):
        np.testing.assert_allclose(other.points, one.points + shift, atol=1e-4)


def test_a_larger_parameter_smooths_less() -> None:
    ensemble = ensemble_statistics(_members(0))
    rough, smooth = smooth_single(ensemble, 1e4), smooth_single(ensemble, 1e-4)
    assert np.abs(np.diff(smooth.points, axis=0)).mean() < 0.2 * np.abs(np.diff(rough.points, axis=0)).mean()
    np.testing.assert_allclose(rough.points[1:], ensemble.centre[1:], atol=0.05)


def test_a_longer_gap_has_a_wider_band() -> None:
    members = _members(1)
    members[:, 10:30, 0, :2] = np.nan
    variance = smooth_single(ensemble_statistics(members), 4.0).variance[:, 0, 0]
    assert variance[20] > variance[12] > variance[5]


def test_grouped_keypoints_share_one_parameter() -> None:
    ensemble = ensemble_statistics(_members(2, keypoints=4))
    found = smooth_single(ensemble, groups=[[0, 2]])
    assert found.parameter[0] == found.parameter[2]
    assert len(set(found.parameter.tolist())) == 3
    views = [ensemble_statistics(view) for view in _two_views(2)]
    assert len(set(smooth_views(views, latent=2, groups=[[0, 1]])[0].parameter.tolist())) == 1


def test_the_likelihood_curve_is_lowest_at_the_chosen_parameter() -> None:
    found = smooth_single(ensemble_statistics(_members(5)))
    assert found.curve is not None
    for tried, nll, parameter in zip(found.curve.log_parameter, found.curve.nll, found.parameter, strict=True):
        assert (np.diff(tried) >= 0).all()
        assert abs(tried[nll.argmin()] - np.log(parameter)) <= 1 / 16


def test_long_recordings_are_searched_in_stretches() -> None:
    assert search_blocks(5000) == [slice(0, 5000)]
    stretches = search_blocks(1_000_000)
    assert len(stretches) == 10
    assert {s.stop - s.start for s in stretches} == {1000}
    assert stretches[0].start == 0
    assert stretches[-1].stop == 1_000_000


def test_the_parameter_of_a_long_recording_is_that_of_its_whole() -> None:
    rng = np.random.default_rng(0)
    truth = np.cumsum(rng.normal(0, 1.5, (6000, 1, 2)), axis=0)
    ensemble = Ensemble(
        truth + rng.normal(size=truth.shape), np.ones(truth.shape), np.ones(truth.shape), np.ones((6000, 1))
    )
    assert smooth_single(ensemble).parameter[0] == pytest.approx(1.5**2, rel=0.1)


def test_keypoints_in_no_group_are_groups_of_their_own() -> None:
    assert group_of_each(4, [[1, 3]]).tolist() == [1, 0, 2, 0]


def test_views_of_different_recordings_are_refused() -> None:
    one, other = _two_views(0)
    with pytest.raises(PoseError) as error:
        smooth_views([ensemble_statistics(one), ensemble_statistics(other[:, :50])])
    assert error.value.code == "smoothing.lengths_differ"


def test_views_that_never_see_a_point_together_are_refused() -> None:
    one, other = _two_views(0)
    one[:, ::2, :, :2] = np.nan
    other[:, 1::2, :, :2] = np.nan
    with pytest.raises(PoseError) as error:
        smooth_views([ensemble_statistics(one), ensemble_statistics(other)])
    assert error.value.code == "smoothing.too_few_frames"


def test_a_keypoint_hidden_from_all_cameras_is_refused(cameras: Cameras) -> None:
    values = _in_space(cameras, 0)
    values[0][:, :, 0] = values[1][:, :, 0] = np.nan
    with pytest.raises(PoseError) as error:
        smooth_calibrated(cameras, values, [ensemble_statistics(view) for view in values])
    assert error.value.code == "smoothing.too_few_frames"


def test_a_camera_for_each_view_is_needed(cameras: Cameras) -> None:
    values = _in_space(cameras, 0)[:2]
    with pytest.raises(PoseError) as error:
        smooth_calibrated(cameras, values, [ensemble_statistics(view) for view in values])
    assert error.value.code == "calibration.views_differ"


def test_the_pupil_stays_a_circle_and_its_diameter_is_found() -> None:
    found = smooth_pupil(ensemble_statistics(_circle(1)), RIM)
    top, bottom, left, right = (found.rim.points[:, i] for i in range(4))
    np.testing.assert_allclose(bottom[:, 1] - top[:, 1], found.pupil[:, 0])
    np.testing.assert_allclose(right[:, 0] - left[:, 0], found.pupil[:, 0])
    np.testing.assert_allclose((left + right) / 2, found.pupil[:, 1:])
    np.testing.assert_allclose(found.pupil[:, 0].mean(), 20, atol=4)


@pytest.mark.parametrize("names", [("top", "bottom", "left"), ("top", "top2", "left", "right"), ("a", "b", "c", "d")])
def test_a_pupil_needs_its_four_points(names: tuple[str, ...]) -> None:
    with pytest.raises(PoseError) as error:
        rim_positions(names)
    assert error.value.code == "smoothing.pupil_keypoints"


def test_the_right_camera_is_turned_into_the_left_ones_view() -> None:
    times, right_times = np.array([0.5, 1.5]), np.array([0.0, 1.0, 2.0])
    right = np.zeros((1, 3, 2, 3))
    right[0, :, 0, 0] = [10, 20, 30]
    right[0, :, 1, 1] = [1, 2, 3]
    turned = align_right_camera(right, ("paw_l", "paw_r"), ("paw_l", "paw_r"), right_times, times, 128.0)
    np.testing.assert_allclose(turned[0, :, 1, 0], [113.0, 103.0])
    np.testing.assert_allclose(turned[0, :, 0, 1], [1.5, 2.5])


@pytest.mark.parametrize(
    ("name", "other"),
    [("paw_l", "paw_r"), ("paw_r", "paw_l"), ("left_ear", "right_ear"), ("ear_right", "ear_left"), ("nose", "nose")],
)
def test_sides_are_swapped_by_name(name: str, other: str) -> None:
    assert swapped(name) == other


def test_times_that_do_not_increase_or_overlap_are_refused() -> None:
    right = np.zeros((1, 3, 1, 3))
    with pytest.raises(PoseError, match="do not increase"):
        align_right_camera(right, ("a",), ("a",), np.array([0.0, 2.0, 1.0]), np.array([0.5]), 10.0)
    with pytest.raises(PoseError, match="one recording"):
        align_right_camera(right, ("a",), ("a",), np.array([0.0, 2.0]), np.array([0.5]), 10.0)
    with pytest.raises(PoseError, match="do not overlap"):
        overlap(np.array([5.0, 6.0]), np.array([0.0, 1.0]))


def test_a_point_that_is_never_seen_is_not_invented() -> None:
    members = _members(0)
    members[:, :, 1, :2] = np.nan
    found = smooth_single(ensemble_statistics(members))
    assert np.isnan(found.points[:, 1]).all()
    assert np.isfinite(found.points[:, 0]).all()


def test_a_pupil_that_is_never_whole_is_refused() -> None:
    members = _circle(0)
    members[:, :, 0, :2] = np.nan
    with pytest.raises(PoseError) as error:
        smooth_pupil(ensemble_statistics(members), RIM)
    assert error.value.code == "smoothing.too_few_frames"


def test_where_a_camera_contradicts_the_others_the_band_widens_when_asked(cameras: Cameras) -> None:
    values = _in_space(cameras, 1)
    values[0][:, 20, 0, :2] += 60
    views = [ensemble_statistics(view) for view in values]
    plain, inflated = (smooth_calibrated(cameras, values, views, 1.0, inflate=i) for i in (False, True))
    assert (inflated.variance[20, 0] > 2 * plain.variance[20, 0]).all()
    assert (inflated.views[0].noise[20, 0] > plain.views[0].noise[20, 0]).all()
