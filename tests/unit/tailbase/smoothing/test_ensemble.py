import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailbase.errors import PoseError
from tailbase.smoothing.ensemble import UNKNOWN_VARIANCE, VARIANCE_FLOOR, ensemble_statistics


def _members(*values: float, likelihood: float = 1.0) -> np.ndarray:
    """One frame, one keypoint: x as given, y ten more."""
    return np.array([[[[x, x + 10, likelihood]]] for x in values])


def test_centre_is_the_median_and_spread_the_population_variance() -> None:
    found = ensemble_statistics(_members(1.0, 2.0, 9.0), weighting="none")
    np.testing.assert_allclose(found.centre[0, 0], [2.0, 12.0])
    np.testing.assert_allclose(found.variance[0, 0], np.var([1.0, 2.0, 9.0]))


def test_the_mean_can_be_the_centre() -> None:
    np.testing.assert_allclose(ensemble_statistics(_members(1.0, 2.0, 9.0), centre="mean").centre[0, 0], [4.0, 14.0])


def test_doubt_widens_the_variance() -> None:
    found = ensemble_statistics(_members(1.0, 3.0, likelihood=0.5))
    np.testing.assert_allclose(found.variance, 2.0)
    np.testing.assert_allclose(found.spread, 1.0)


def test_one_member_has_the_variance_of_its_doubt() -> None:
    np.testing.assert_allclose(ensemble_statistics(_members(4.0, likelihood=0.25)).variance, 4.0)


def test_members_that_lack_a_point_are_left_out() -> None:
    members = _members(1.0, np.nan, 3.0, np.inf)
    found = ensemble_statistics(members, weighting="none")
    np.testing.assert_allclose(found.centre[0, 0], [2.0, 12.0])
    np.testing.assert_allclose(found.variance[0, 0], 1.0)


def test_a_point_that_no_member_has_is_skipped() -> None:
    found = ensemble_statistics(_members(np.nan, np.nan, likelihood=np.nan))
    assert np.isnan(found.centre).all()
    assert np.isinf(found.variance).all()
    assert found.likelihood[0, 0] == 0.0


def test_a_point_of_one_member_among_several_is_hardly_trusted() -> None:
    members = np.concatenate([_members(1.0, 3.0), _members(1.0, np.nan)], axis=1)
    np.testing.assert_allclose(ensemble_statistics(members).variance[:, 0, 0], [1.0, UNKNOWN_VARIANCE])


def test_a_keypoint_that_only_one_member_has_is_trusted_as_that_member_alone() -> None:
    members = _members(4.0, np.nan, likelihood=0.25)
    members[1, ..., 2] = np.nan
    found, alone = ensemble_statistics(members), ensemble_statistics(_members(4.0, likelihood=0.25))
    np.testing.assert_allclose(found.variance, alone.variance)
    np.testing.assert_allclose(found.likelihood, 0.25)


def test_members_that_agree_exactly_are_not_trusted_without_bound() -> None:
    np.testing.assert_allclose(ensemble_statistics(_members(5.0, 5.0, 5.0)).variance, VARIANCE_FLOOR)


@pytest.mark.parametrize("shape", [(0, 5, 2, 3), (2, 0, 2, 3), (2, 5, 2), (2, 5, 2, 2)])
def test_no_members_or_frames_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(PoseError, match="at least one") as error:
        ensemble_statistics(np.zeros(shape))
    assert error.value.code == "ensemble.empty"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), members=st.integers(1, 6), missing=st.floats(0, 0.6))
def test_the_order_of_members_changes_nothing_and_a_shift_shifts(seed: int, members: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(50, 10, (members, 6, 2, 3))
    values[..., 2] = rng.uniform(0, 1, values.shape[:3])
    values[rng.random(values.shape[:3]) < missing] = np.nan
    found, permuted = ensemble_statistics(values), ensemble_statistics(values[rng.permutation(members)])
    np.testing.assert_allclose(permuted.centre, found.centre)
    np.testing.assert_allclose(permuted.variance, found.variance, rtol=1e-9)
    moved = values + np.array([7.0, -3.0, 0.0])
    np.testing.assert_allclose(ensemble_statistics(moved).centre, found.centre + np.array([7.0, -3.0]))
    np.testing.assert_allclose(ensemble_statistics(moved).variance, found.variance, rtol=1e-6)
