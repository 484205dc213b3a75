"""Several animals as keypoint sets of one network."""

import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.framing.individuals import apart, chosen_animals, one_by_one, sets_of, side_by_side
from tailbase.schema import ImageRef, Keypoint, Labels, PointState, Skeleton

SKELETON = Skeleton(
    keypoints=(Keypoint(name="ear_l", partner="ear_r"), Keypoint(name="ear_r", partner="ear_l")),
    edges=(("ear_l", "ear_r"),),
)


def _labels() -> Labels:
    """Three images of three animals, of which one is never seen, and one image that nobody looked at."""
    points = np.arange(3 * 3 * 2 * 2, dtype=float).reshape(3, 3, 2, 2)
    states = np.full((3, 3, 2), PointState.VISIBLE, np.int8)
    states[:, 1] = PointState.UNLABELED
    states[2] = PointState.UNLABELED
    states[1, 2] = PointState.ABSENT
    return Labels(
        SKELETON, ("anna", "nobody", "bert"), tuple(ImageRef(path=f"{i}.png") for i in range(3)), points, states
    )


def test_several_animals_are_refused_with_the_choice_named() -> None:
    with pytest.raises(PoseError, match='choose individuals "separate"') as refused:
        chosen_animals(_labels(), "refuse")
    assert refused.value.code == "labels.several_animals"


def test_separate_takes_the_animals_and_images_that_are_labelled() -> None:
    chosen = chosen_animals(_labels(), "separate")
    assert chosen.individuals == ("anna", "bert")
    assert [ref.path for ref in chosen.images] == ["0.png", "1.png"]


def test_animals_side_by_side_come_apart_again() -> None:
    chosen = chosen_animals(_labels(), "separate")
    both = side_by_side(chosen)
    assert both.points.shape == (2, 1, 4, 2)
    points, states = apart(both.points[:, 0], both.states[:, 0], 2)
    assert np.array_equal(points, chosen.points)
    assert np.array_equal(states, chosen.states)


def test_each_animal_has_partners_and_edges_of_its_own() -> None:
    skeleton = sets_of(SKELETON, 2)
    partners = {keypoint.name: keypoint.partner for keypoint in skeleton.keypoints}
    assert partners == {"ear_l 1": "ear_r 1", "ear_r 1": "ear_l 1", "ear_l 2": "ear_r 2", "ear_r 2": "ear_l 2"}
    assert skeleton.edges == (("ear_l 1", "ear_r 1"), ("ear_l 2", "ear_r 2"))


def test_one_by_one_gives_a_row_for_each_animal_that_has_a_point() -> None:
    chosen = chosen_animals(_labels(), "separate")
    rows, which = one_by_one(chosen)
    assert which.tolist() == [[0, 0], [0, 1], [1, 0]]
    assert np.array_equal(rows.points[1, 0], chosen.points[0, 1])


def test_more_keypoints_than_a_network_can_have_are_refused() -> None:
    labels = _labels()
    wide = Skeleton(keypoints=tuple(Keypoint(name=f"k{i}") for i in range(300)))
    points, states = np.zeros((3, 3, 300, 2)), np.full((3, 3, 300), PointState.VISIBLE, np.int8)
    with pytest.raises(PoseError, match="more than 500 keypoints"):
        chosen_animals(Labels(wide, labels.individuals, labels.images, points, states), "separate")
