"""Several label files as one set of labels; keypoints and individuals are matched by name."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tailbase.schema import ImageRef, Keypoint, Labels, Skeleton


def merge_labels(parts: Sequence[Labels], keypoints: Sequence[str] = (), individuals: Sequence[str] = ()) -> Labels:
    """One after the other; an image that occurs again keeps the points of the first part that has it.

    Keypoints stand in the order of the parts, then those of `keypoints` that no part has; individuals likewise.
    """
    names = tuple(dict.fromkeys([n for part in parts for n in part.skeleton.names] + list(keypoints)))
    animals = tuple(dict.fromkeys([n for part in parts for n in part.individuals] + list(individuals)))
    images: dict[str, tuple[ImageRef, Labels, int]] = {}
    for part in parts:
        for row, ref in enumerate(part.images):
            images.setdefault(ref.path, (ref, part, row))
    shape = (len(images), len(animals), len(names))
    points, states = np.full((*shape, 2), np.nan), np.zeros(shape, dtype=np.int8)
    places = {id(part): _places(part, names, animals) for part in parts}
    for target, (_, part, row) in enumerate(images.values()):
        points[target][places[id(part)]] = part.points[row]
        states[target][places[id(part)]] = part.states[row]
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=n) for n in names))
    refs = tuple(ref for ref, _, _ in images.values())
    return Labels(skeleton, animals, refs, points, states, parts[0].scorer if parts else "tailbase")


def _places(part: Labels, names: Sequence[str], animals: Sequence[str]) -> tuple[np.ndarray, ...]:
    return np.ix_([animals.index(a) for a in part.individuals], [names.index(n) for n in part.skeleton.names])


def with_images(labels: Labels, images: Sequence[ImageRef]) -> Labels:
    """The same points on images described differently."""
    return replace(labels, images=tuple(images))
