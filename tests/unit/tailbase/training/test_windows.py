"""Labelled frames come with their true neighbours wherever these can be had."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tailbase.formats.neighbours import neighbour_path
from tailbase.schema import ImageRef, Labels, Skeleton
from tailbase.training.dataset import TrainingImages
from tailbase.video.reader import open_video

Film = Callable[..., Path]


def labelled(refs: list[ImageRef], skeleton: Skeleton) -> Labels:
    shape = (len(refs), 1, len(skeleton.keypoints))
    return Labels(skeleton, ("animal",), tuple(refs), np.full((*shape, 2), 5.0), np.ones(shape, np.int8))


def numbers(window: torch.Tensor) -> list[int]:
    return [round((float(corner) - 20) / 4) for corner in window[:, 1, 60:, 50:].float().mean((1, 2))]


@pytest.fixture
def stills(film: Film, tmp_path: Path) -> Callable[..., Path]:
    """Saves frames of the film as labelling programs do."""

    def save(*frames: int) -> Path:
        with open_video(film()) as reader:
            for number in frames:
                Image.fromarray(reader.frame(number)).save(tmp_path / f"img{number:04}.png")
        return tmp_path

    return save


def test_neighbours_come_from_files_with_neighbouring_numbers(stills: Callable[..., Path], skeleton: Skeleton) -> None:
    folder = stills(18, 19, 20, 21, 22)
    data = TrainingImages(labelled([ImageRef(path="img0020.png")], skeleton), folder, (64, 64), reach=2)
    assert numbers(data.images([0])[0]) == [18, 19, 20, 21, 22]


def test_neighbours_without_files_come_from_the_video(
    stills: Callable[..., Path], film: Film, skeleton: Skeleton
) -> None:
    ref = ImageRef(path="img0020.png", video="film", frame_index=20)
    folder = stills(20)
    data = TrainingImages(labelled([ref], skeleton), folder, (64, 64), 2, {"film": film()})
    assert numbers(data.images([0])[0]) == [18, 19, 20, 21, 22]


def test_beyond_the_ends_of_the_video_the_last_frame_is_repeated_as_in_prediction(
    stills: Callable[..., Path], film: Film, skeleton: Skeleton
) -> None:
    refs = [ImageRef(path=f"img00{number:02}.png", video="film", frame_index=number) for number in (1, 39)]
    data = TrainingImages(labelled(refs, skeleton), stills(1, 39), (64, 64), 2, {"film": film()})
    assert numbers(data.images([0])[0]) == [0, 0, 1, 2, 3]
    assert numbers(data.images([1])[0]) == [37, 38, 39, 39, 39]


def test_a_film_of_the_same_name_that_shows_something_else_is_not_believed(
    stills: Callable[..., Path], film: Film, skeleton: Skeleton
) -> None:
    ref = ImageRef(path="img0020.png", video="film", frame_index=30)
    data = TrainingImages(labelled([ref], skeleton), stills(20), (64, 64), 2, {"film": film()})
    assert numbers(data.images([0])[0]) == [20] * 5


def test_an_image_alone_is_repeated(stills: Callable[..., Path], skeleton: Skeleton) -> None:
    ref = ImageRef(path="img0020.png", video="elsewhere", frame_index=20)
    data = TrainingImages(labelled([ref], skeleton), stills(20), (64, 64), reach=2)
    assert numbers(data.images([0])[0]) == [20] * 5


def test_the_last_number_in_a_name_is_the_frames() -> None:
    assert neighbour_path(Path("mouse2/img0010.png"), -2) == Path("mouse2/img0008.png")
    assert neighbour_path(Path("a/img099.jpg"), 1) == Path("a/img100.jpg")
    assert neighbour_path(Path("a/img000.png"), -1) is None
    assert neighbour_path(Path("a/still.png"), 1) is None
