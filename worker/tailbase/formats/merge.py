"""Several label files as one set of labels; keypoints and individuals are matched by name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tailbase.schema import ImageRef, Keypoint, Labels, Skeleton


def merge_labels(parts: Sequence[Labels], keypoints: Sequence[str] = ()) -> tuple[Labels, list[str]]:
    """All images of all parts. An image that two parts have keeps the points of the first that labelled it.

    Keypoints stand in the order of the parts, then those of `keypoints` that no part has.

    Returns:
        The labels, and the paths of images whose points in a later part were left out.
    """
    names = tuple(dict.fromkeys([n for part in parts for n in part.skeleton.names] + list(keypoints)))
    animals = tuple(dict.fromkeys(n for part in parts for n in part.individuals))
    images: dict[str, tuple[ImageRef, int, int]] = {}
    left_out: list[str] = []
    for number, part in enumerate(parts):
        labelled = np.asarray(part.states.any(axis=(1, 2)))
        for row, ref in enumerate(part.images):
            earlier = images.get(ref.path)
            if earlier is None or (labelled[row] and not parts[earlier[1]].states[earlier[2]].any()):
                images[ref.path] = ref, number, row
            elif labelled[row]:
                left_out.append(ref.path)
    shape = (len(images), len(animals), len(names))
    points, states = np.full((*shape, 2), np.nan), np.zeros(shape, dtype=np.int8)
    places = [_places(part, names, animals) for part in parts]
    for target, (_, number, row) in enumerate(images.values()):
        points[target][places[number]] = parts[number].points[row]
        states[target][places[number]] = parts[number].states[row]
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=n) for n in names))
    refs = tuple(ref for ref, _, _ in images.values())
    return Labels(skeleton, animals, refs, points, states, parts[0].scorer), left_out


def _places(part: Labels, names: Sequence[str], animals: Sequence[str]) -> tuple[NDArray[np.intp], ...]:
    return np.ix_([animals.index(a) for a in part.individuals], [names.index(n) for n in part.skeleton.names])
