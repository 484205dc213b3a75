"""Which images train, which choose the checkpoint, and which test."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from tailbase.errors import PoseError
from tailbase.schema import ImageRef, SplitSpec

_MOST_OFF = 2.0


@dataclass(frozen=True)
class Split:
    """Positions in the list of images, ascending."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


def split_images(images: Sequence[ImageRef], spec: SplitSpec) -> Split:
    """Divide images as `spec` says.

    `random`: image paths are sorted and permuted by numpy's default_rng(seed); the last `test` share tests, then the
    last `validation` share of the rest validates. `recording`: the same with whole recordings (or videos, or folders,
    where no recording is named), as close to the shares as their sizes allow; where that would be off by more than a
    factor of two, as with two long recordings, images are drawn at random instead.

    Errors:
        split.unknown_images: an explicit list names images that are not there.
        split.no_training_images: nothing is left to train on.
    """
    if spec.method == "explicit":
        split = _explicit(images, spec)
    else:
        split = (_by_recording(images, spec) if spec.method == "recording" else None) or _random(images, spec)
    if not split.train:
        message = "No image is left to train on. Label more images, or give less to validation and test."
        raise PoseError("split.no_training_images", message)
    return split


def _explicit(images: Sequence[ImageRef], spec: SplitSpec) -> Split:
    place = {ref.path: position for position, ref in enumerate(images)}
    if unknown := sorted((set(spec.validation_images) | set(spec.test_images)) - set(place)):
        message = f"{len(unknown)} images of the split are not among the labelled ones, the first is {unknown[0]}."
        raise PoseError("split.unknown_images", message)
    if both := sorted(set(spec.validation_images) & set(spec.test_images)):
        message = f"{both[0]} is listed for validation and for test. List each image once."
        raise PoseError("split.image_listed_twice", message)
    test = {place[path] for path in spec.test_images}
    return _divided(len(images), {place[path] for path in spec.validation_images}, test)


def _random(images: Sequence[ImageRef], spec: SplitSpec) -> Split:
    by_path = sorted(range(len(images)), key=lambda position: images[position].path)
    order = [by_path[i] for i in np.random.default_rng(spec.seed).permutation(len(images))]
    for_test = round(len(order) * spec.test)
    rest = order[: len(order) - for_test]
    for_validation = round(len(rest) * spec.validation)
    if spec.validation > 0 and len(rest) > 1:
        for_validation = max(for_validation, 1)
    return _divided(len(images), set(rest[len(rest) - for_validation :]), set(order[len(order) - for_test :]))


def _by_recording(images: Sequence[ImageRef], spec: SplitSpec) -> Split | None:
    groups: dict[str, list[int]] = defaultdict(list)
    for position, ref in enumerate(images):
        groups[_recording(ref)].append(position)
    names = sorted(groups)
    order = [groups[names[i]] for i in np.random.default_rng(spec.seed).permutation(len(names))]
    test = _taken(order, spec.test * len(images))
    rest = [group for group in order if not test.issuperset(group)]
    validation = _taken(rest, spec.validation * (len(images) - len(test)))
    fits = _close(len(test), spec.test * len(images)) and _close(
        len(validation), spec.validation * (len(images) - len(test))
    )
    return _divided(len(images), validation, test) if fits else None


def _recording(ref: ImageRef) -> str:
    return ref.recording or ref.video or str(PurePosixPath(ref.path).parent)


def _taken(groups: list[list[int]], wanted: float) -> set[int]:
    """Whole groups, in order, each taken if that comes closer to the wanted number of images."""
    taken: set[int] = set()
    for group in groups:
        if abs(len(taken) + len(group) - wanted) < abs(len(taken) - wanted):
            taken.update(group)
    return taken


def _close(count: int, wanted: float) -> bool:
    return count == 0 if wanted == 0 else wanted / _MOST_OFF <= count <= wanted * _MOST_OFF


def _divided(count: int, validation: set[int], test: set[int]) -> Split:
    train = [position for position in range(count) if position not in validation and position not in test]
    return Split(tuple(train), tuple(sorted(validation)), tuple(sorted(test)))
