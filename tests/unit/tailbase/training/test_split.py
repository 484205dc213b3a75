"""Which images train, validate and test."""

import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.schema import ImageRef, SplitSpec
from tailbase.training.split import Split, split_images


def _images(*recordings: str | None) -> list[ImageRef]:
    return [ImageRef(path=f"img{i:03}.png", recording=name) for i, name in enumerate(recordings)]


def _parts(split: Split) -> list[int]:
    return sorted((*split.train, *split.validation, *split.test))


def test_a_random_split_is_the_permutation_of_sorted_paths() -> None:
    images = _images(*["day"] * 90)[::-1]
    split = split_images(images, SplitSpec(method="random", test=0.2, validation=0.1, seed=0))
    order = np.random.default_rng(0).permutation(90)
    assert {images[i].path for i in split.test} == {f"img{n:03}.png" for n in order[-18:]}
    assert {images[i].path for i in split.validation} == {f"img{n:03}.png" for n in order[-25:-18]}
    assert _parts(split) == list(range(90))


def test_a_recording_is_never_divided() -> None:
    images = _images(*[f"session{i % 12}" for i in range(120)])
    split = split_images(images, SplitSpec(validation=0.2, test=0.1))
    groups = [{images[i].recording for i in part} for part in (split.train, split.validation, split.test)]
    assert all(groups)
    assert sum(map(len, groups)) == 12
    assert _parts(split) == list(range(120))


def test_one_recording_is_divided_at_random() -> None:
    split = split_images(_images(*["only"] * 40), SplitSpec(validation=0.1))
    assert len(split.validation) == 4
    assert len(split.train) == 36


def test_two_long_recordings_are_divided_at_random_rather_than_halved() -> None:
    split = split_images(_images(*["a"] * 50, *["b"] * 50), SplitSpec(validation=0.1))
    assert len(split.validation) == 10


def test_folders_are_recordings_where_none_is_named() -> None:
    images = [ImageRef(path=f"labeled-data/s{i // 5}/img{i}.png") for i in range(100)]
    split = split_images(images, SplitSpec(validation=0.1))
    folders = {images[i].path.split("/")[1] for i in split.validation}
    assert not folders & {images[i].path.split("/")[1] for i in split.train}


def test_few_images_keep_one_for_validation() -> None:
    split = split_images(_images("a", "a", "a"), SplitSpec(method="random", validation=0.1))
    assert (len(split.train), len(split.validation)) == (2, 1)


def test_a_single_image_trains() -> None:
    assert split_images(_images("a"), SplitSpec()).train == (0,)


def test_an_explicit_split_is_taken_as_it_is() -> None:
    spec = SplitSpec(method="explicit", validation_images=("img001.png",), test_images=("img003.png",))
    assert split_images(_images(*["a"] * 4), spec) == Split((0, 2), (1,), (3,))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"test_images": ("other.png",)}, "split.unknown_images"),
        ({"test_images": ("img000.png",), "validation_images": ("img000.png",)}, "split.image_listed_twice"),
        ({"test_images": ("img000.png", "img001.png")}, "split.no_training_images"),
    ],
)
def test_a_split_that_cannot_be_is_refused(fields: dict[str, tuple[str, ...]], code: str) -> None:
    with pytest.raises(PoseError) as refused:
        split_images(_images("a", "a"), SplitSpec.model_validate({"method": "explicit", **fields}))
    assert refused.value.code == code
