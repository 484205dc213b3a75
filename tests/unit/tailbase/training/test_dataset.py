"""What is trained on, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tailbase.errors import PoseError
from tailbase.networks.resize import to_source
from tailbase.schema import AugmentSpec, Keypoint, Labels, PointState, Skeleton
from tailbase.training import dataset
from tailbase.training.dataset import TrainingImages, one_animal, partners, read_image, resolved, usual_rotation

Dots = tuple[Labels, Path]


def test_points_are_where_the_resized_image_shows_them(dots: Dots) -> None:
    labels, folder = dots
    data = TrainingImages(labels, folder, (64, 64))
    assert data.images([3]).shape == (1, 3, 64, 64)
    back = to_source(data.points[3], data.boxes[3].size, data.size)
    assert np.allclose(back.numpy(), labels.points[3, 0], atol=1e-4)
    x, y = data.points[3, 0].round().long().tolist()
    red, green, blue = data.images([3])[0, :, y, x].tolist()
    assert red > green
    assert red > blue


def test_images_too_large_for_the_memory_are_read_each_time(dots: Dots, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, folder = dots
    cached = TrainingImages(labels, folder, (64, 64)).images([1, 7])
    monkeypatch.setattr(dataset, "_SHARE_OF_MEMORY", 0.0)
    assert torch.equal(TrainingImages(labels, folder, (64, 64)).images([1, 7]), cached)


def test_the_pixel_aspect_says_how_much_more_the_height_was_stretched(dots: Dots) -> None:
    data = TrainingImages(*dots, (64, 64))
    assert data.pixel_aspect[0].item() == pytest.approx(100 / 80)


def test_several_animals_are_refused_not_reduced(dots: Dots) -> None:
    labels, _ = dots
    two = replace(
        labels, individuals=("anna", "bert"), points=labels.points.repeat(2, 1), states=labels.states.repeat(2, 1)
    )
    with pytest.raises(PoseError, match="anna, bert") as refused:
        one_animal(two)
    assert refused.value.code == "labels.several_animals"


def test_an_animal_that_is_named_but_never_seen_is_left_out(dots: Dots) -> None:
    labels, _ = dots
    states = labels.states.repeat(2, 1)
    states[:, 0] = PointState.UNLABELED
    two = replace(labels, individuals=("anna", "bert"), points=labels.points.repeat(2, 1), states=states)
    assert one_animal(two).individuals == ("bert",)


@pytest.mark.parametrize("state", [PointState.UNLABELED, PointState.ABSENT])
def test_labels_without_a_placed_point_are_refused(dots: Dots, state: PointState) -> None:
    labels, _ = dots
    with pytest.raises(PoseError) as refused:
        one_animal(replace(labels, states=np.full_like(labels.states, state)))
    assert refused.value.code == "labels.none"


def test_images_nobody_looked_at_do_not_train(dots: Dots) -> None:
    labels, _ = dots
    states = labels.states.copy()
    states[4] = PointState.UNLABELED
    states[5] = PointState.ABSENT
    kept = [ref.path for ref in one_animal(replace(labels, states=states)).images]
    assert "img04.png" not in kept
    assert "img05.png" in kept


def test_a_missing_image_is_named(dots: Dots) -> None:
    labels, folder = dots
    (folder / "img03.png").unlink()
    with pytest.raises(PoseError, match=r"img03\.png") as refused:
        TrainingImages(labels, folder, (64, 64))
    assert refused.value.code == "labels.unknown_image"


@pytest.mark.parametrize("content", [b"", b"not an image"])
def test_a_file_that_is_no_image_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "img.png"
    file.write_bytes(content)
    with pytest.raises(PoseError) as refused:
        read_image(file)
    assert refused.value.code == "image.unreadable"


def test_a_damaged_image_is_refused(dots: Dots) -> None:
    file = dots[1] / "img00.png"
    file.write_bytes(file.read_bytes()[:600])
    with pytest.raises(PoseError) as refused:
        read_image(file)
    assert refused.value.code == "image.unreadable"


def test_sixteen_bit_grey_becomes_eight_bit_colour(tmp_path: Path) -> None:
    file = tmp_path / "deep.png"
    Image.fromarray(np.array([[0, 32896, 65535]], np.uint16)).save(file)
    assert read_image(file)[:, 0].tolist() == [[0, 128, 255]] * 3


def test_partners_point_at_each_other(dots: Dots) -> None:
    assert partners(dots[0]).tolist() == [0, 2, 1]


def test_animals_facing_every_way_may_be_turned_all_round() -> None:
    body = np.array([[0.0, 0.0], [50.0, 0.0], [20.0, 8.0]])
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    turns = np.stack(
        [np.stack([np.cos(angles), -np.sin(angles)], -1), np.stack([np.sin(angles), np.cos(angles)], -1)], 1
    )
    assert usual_rotation(body @ turns.transpose(0, 2, 1)) == 180
    assert usual_rotation(np.tile(body, (40, 1, 1))) == 25


def test_too_few_labels_leave_the_rotation_small() -> None:
    assert usual_rotation(np.full((40, 3, 2), np.nan)) == 25


def test_images_are_mirrored_only_where_left_and_right_are_named(dots: Dots) -> None:
    labels, _ = dots
    spec = AugmentSpec(horizontal_flip=True, rotation_degrees=10)
    assert resolved(spec, labels, range(10)).horizontal_flip
    nameless = Skeleton(keypoints=tuple(Keypoint(name=name) for name in labels.skeleton.names))
    assert not resolved(spec, replace(labels, skeleton=nameless), range(10)).horizontal_flip


def test_a_rotation_that_is_given_is_kept(dots: Dots) -> None:
    assert resolved(AugmentSpec(rotation_degrees=10), dots[0], range(10)).rotation_degrees == 10
    assert (resolved(AugmentSpec(), dots[0], range(10)).rotation_degrees or 0) >= 25


def test_an_image_of_several_views_turns_little(dots: Dots) -> None:
    views = ("top", "side")
    keypoints = tuple(Keypoint(name=name, view=view) for name, view in zip("abc", ("top", "top", "side"), strict=True))
    labels = replace(dots[0], skeleton=Skeleton(keypoints=keypoints, views=views))
    assert resolved(AugmentSpec(), labels, range(10)).rotation_degrees == 15
