"""Reading fields out of file names."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailbase_core.errors import Invalid
from tailbase_core.name_patterns import check_pattern, has_view, match_name


@pytest.mark.parametrize(
    ("pattern", "name", "fields", "view", "title"),
    [
        ("{session}", "day1.mp4", {"session": "day1"}, None, "day1"),
        ("{session}_{animal}", "a_b_c.mp4", {"session": "a", "animal": "b_c"}, None, "a_b_c"),
        ("{session}_{animal}_{view}", "s_m_top.avi", {"session": "s", "animal": "m"}, "top", "s_m"),
        ("{view}-{session}", "top-s1.mp4", {"session": "s1"}, "top", "s1"),
        ("exp_{animal}_*", "exp_m1_20240101.mp4", {"animal": "m1"}, None, "exp_m1"),
        ("*_{animal}", "_m1.mp4", {"animal": "m1"}, None, "m1"),
        ("{animal}/{session}_cam", "lab/m1/s1_cam.mp4", {"animal": "m1", "session": "s1"}, None, "m1/s1_cam"),
        ("{session}", "deep\\folder\\s1.mp4", {"session": "s1"}, None, "s1"),
        ("{session}.{view}", "a.b.mp4", {"session": "a"}, "b", "a"),
    ],
)
def test_fields_are_read(pattern, name, fields, view, title):
    match = match_name(pattern, name)
    assert match is not None
    assert (match.fields, match.view, match.title) == (fields, view, title)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{session}_{animal}", "plain.mp4"),
        ("{session}_{animal}", "_m.mp4"),
        ("{session}_{animal}", "s_.mp4"),
        ("x{session}x", "x.mp4"),
        ("x{session}x", "xx.mp4"),
        ("{animal}/{session}", "alone.mp4"),
    ],
)
def test_a_field_needs_at_least_one_character_and_the_text_around_it(pattern, name):
    assert match_name(pattern, name) is None


@pytest.mark.parametrize("pattern", ["", "plain", "{a}{b}", "{a}*{b}", "{a}_{a}", "{A}", "{1a}", "{a", "a}", "{a b}"])
def test_patterns_that_cannot_work_say_why(pattern):
    with pytest.raises(Invalid, match="does not work"):
        check_pattern(pattern)


def test_whether_a_pattern_names_the_view():
    assert has_view("{a}_{view}")
    assert not has_view("{a}_view")


def test_matching_takes_linear_time_on_hostile_names():
    pattern = "_".join(f"{{f{number}}}" for number in range(20)) + "!"
    start = time.perf_counter()
    assert match_name(pattern, "_" * 100_000) is None
    assert time.perf_counter() - start < 1


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=6))
def test_values_joined_by_a_separator_are_read_back(values):
    names = [f"f{number}" for number in range(len(values))]
    match = match_name("_".join(f"{{{name}}}" for name in names), "_".join(values) + ".mp4")
    assert match is not None
    assert match.fields == dict(zip(names, values, strict=True))
