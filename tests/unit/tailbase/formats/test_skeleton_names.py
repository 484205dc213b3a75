import pytest

from tailbase.formats.skeleton_names import describe, left_right_partners, palette, segment_edges, suggested_views


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left_ear", "right_ear"), ("earLeft", "earRight"), ("leftear", "rightear"), ("LeftEye", "RightEye"),
        ("paw_l", "paw_r"), ("L1A", "R1A"), ("earL", "earR"), ("pawLF", "pawRF"), ("lh", "rh"), ("lfoot", "rfoot"),
        ("paw1LH_top", "paw4RH_top"), ("pupil_left_r", "pupil_right_r"), ("Left Wing", "Right Wing"),
    ],
)  # fmt: skip
def test_left_and_right_find_each_other(left, right):
    assert left_right_partners([left, "nose", right]) == {left: right, right: left}


@pytest.mark.parametrize(
    "names",
    [
        ["nose", "tail"],
        ["left_ear", "right_eye"],
        ["leg", "rim"],
        ["left_ear"],
        ["paw1LH", "paw2RH", "paw3RH"],
        ["r", "tail"],
    ],
)
def test_names_that_do_not_pair_up_exactly_have_no_partner(names):
    assert left_right_partners(names) == {}


def test_partners_stay_within_their_view():
    names = ["paw1LH_top", "paw4RH_top", "paw1LH_bot", "paw4RH_bot"]
    assert left_right_partners(names)["paw1LH_bot"] == "paw4RH_bot"


def test_chains_of_numbers_letters_and_places_are_joined():
    names = ["tail1", "tail2", "tail3", "L1A", "L1B", "spineBase", "spineMid", "spineTip", "nose"]
    expected = [
        ("tail1", "tail2"),
        ("tail2", "tail3"),
        ("L1A", "L1B"),
        ("spineBase", "spineMid"),
        ("spineMid", "spineTip"),
    ]
    assert segment_edges(names) == expected


def test_bare_letters_and_numbers_are_no_chain():
    assert segment_edges(["A", "B", "C", "1", "2"]) == []


def test_edges_of_the_project_win_over_guesses():
    assert describe(["tail1", "tail2", "nose"], [("nose", "tail1")]).edges == (("nose", "tail1"),)


def test_views_are_suggested_for_parts_seen_in_each_of_them():
    views = suggested_views(["nose_top", "nose_bot", "obs_top", "obsHigh_bot"])
    assert views == {"nose_top": {"part": "nose", "view": "top"}, "nose_bot": {"part": "nose", "view": "bot"}}
    assert suggested_views(["nose_top", "tail_top"]) == {}
    assert suggested_views(["nose_l", "nose_r"]) == {}


def test_colours_differ():
    assert len(set(palette(16))) == 16
