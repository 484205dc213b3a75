"""What more labels should buy, and whether pre-labels pull people."""

import pytest

from tailbase.labelling.assistance import pull
from tailbase.labelling.forecast import forecast


def test_an_exact_power_law_is_continued_exactly() -> None:
    ahead = forecast([(n, 30 * n**-0.5) for n in (10, 20, 40, 80)], more=50)
    assert ahead is not None
    assert ahead.now_px == pytest.approx(30 * 80**-0.5)
    assert ahead.then_px == pytest.approx(30 * 130**-0.5)
    assert ahead.low_px == pytest.approx(ahead.high_px)


def test_two_rounds_or_three_of_the_same_size_are_too_few() -> None:
    assert forecast([(10, 5.0), (20, 4.0)], 50) is None
    assert forecast([(10, 5.0), (10, 4.0), (10, 4.5)], 50) is None


def test_uneven_rounds_make_the_interval_wide_and_more_rounds_make_it_narrower() -> None:
    three = forecast([(10, 9.0), (20, 6.0), (40, 5.5)], 50)
    six = forecast([(10, 9.0), (14, 7.2), (20, 6.0), (28, 6.1), (40, 5.5), (56, 4.6)], 50)
    assert three is not None
    assert six is not None
    assert three.low_px < three.then_px < three.high_px
    assert three.high_px / three.low_px > six.high_px / six.low_px


def test_people_who_take_over_errors_are_told_from_people_who_do_not() -> None:
    blind = [4.0, 5.0, 4.5, 5.5, 4.2, 4.8]
    taken_over, corrected = pull([0.1, 0.0, 0.2, 0.1, 0.0, 0.1], blind), pull([3.6, 4.4, 4.1, 5.0, 3.9, 4.3], blind)
    assert taken_over is not None
    assert corrected is not None
    assert taken_over.beyond(human_px=2.0)
    assert not corrected.beyond(human_px=2.0)


def test_a_handful_of_frames_is_needed_to_compare() -> None:
    assert pull([1.0] * 20, [2.0] * 4) is None
