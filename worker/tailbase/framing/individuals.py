"""Several animals as keypoint sets of one network, side by side in their order."""

from dataclasses import replace
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.schema import SINGLE, Keypoint, Labels, PointState, Skeleton

MOST_KEYPOINTS = 500
_LONGEST_NAME = 100


def chosen_animals(labels: Labels, several: Literal["refuse", "separate"]) -> Labels:
    """The animals that a network is to find, and only the images a person has looked at.

    Errors:
        labels.several_animals: points of more than one individual, where `several` refuses them.
        labels.none: not one point is labelled. labels.too_many_keypoints: of all animals together.
    """
    placed = (labels.states == PointState.VISIBLE) | (labels.states == PointState.OCCLUDED)
    used = [index for index in range(len(labels.individuals)) if placed[:, index].any()]
    if not used:
        raise PoseError("labels.none", "No point is labelled yet. Label at least a few frames, then train again.")
    names = tuple(labels.individuals[index] for index in used)
    if len(used) > 1 and several == "refuse":
        message = (
            f"The labels show {len(used)} animals ({', '.join(names[:4])}), and this network finds one. Label one "
            'animal, or, where each can be told apart by its looks or place, choose individuals "separate".'
        )
        raise PoseError("labels.several_animals", message)
    if len(used) * len(labels.skeleton.keypoints) > MOST_KEYPOINTS:
        message = f"{len(used)} animals have more than {MOST_KEYPOINTS} keypoints together. Train on fewer of them."
        raise PoseError("labels.too_many_keypoints", message)
    looked_at = np.flatnonzero((labels.states[:, used] != PointState.UNLABELED).any((-1, -2)))
    return replace(
        labels,
        individuals=names,
        images=tuple(labels.images[i] for i in looked_at),
        points=labels.points[looked_at][:, used],
        states=labels.states[looked_at][:, used],
    )


def side_by_side(labels: Labels) -> Labels:
    """The animals' keypoints as those of one animal; labels of one animal as they are."""
    images, count = labels.states.shape[:2]
    if count == 1:
        return labels
    return replace(
        labels,
        skeleton=sets_of(labels.skeleton, count),
        individuals=(SINGLE,),
        points=labels.points.reshape(images, 1, -1, 2),
        states=labels.states.reshape(images, 1, -1),
    )


def one_by_one(labels: Labels) -> tuple[Labels, NDArray[np.int64]]:
    """A row for each animal with a point in an image, and which image and individual that is: int64, shape (row, 2)."""
    placed = (labels.states == PointState.VISIBLE) | (labels.states == PointState.OCCLUDED)
    rows = np.argwhere(placed.any(-1))
    image, individual = rows.T
    return replace(
        labels,
        individuals=(SINGLE,),
        images=tuple(labels.images[i] for i in image),
        points=labels.points[image, individual][:, None],
        states=labels.states[image, individual][:, None],
    ), rows


def sets_of(skeleton: Skeleton, count: int) -> Skeleton:
    """The keypoints of that many animals, each with partners, parts and edges of its own."""
    if count == 1:
        return skeleton
    keypoints = [_of(keypoint, which) for which in range(count) for keypoint in skeleton.keypoints]
    edges = tuple((_named(start, which), _named(end, which)) for which in range(count) for start, end in skeleton.edges)
    return Skeleton(keypoints=tuple(keypoints), edges=edges, views=skeleton.views)


def _of(keypoint: Keypoint, which: int) -> Keypoint:
    names = {name: getattr(keypoint, name) for name in ("name", "partner", "part")}
    return keypoint.model_copy(update={key: name and _named(name, which) for key, name in names.items()})


def _named(name: str, which: int) -> str:
    return f"{name[:_LONGEST_NAME]} {which + 1}"


def apart(
    points: Float[NDArray[np.floating], "frame both 2"],
    likelihood: Float[NDArray[np.floating], "frame both"],
    count: int,
) -> tuple[
    Float[NDArray[np.floating], "f individual keypoint 2"], Float[NDArray[np.floating], "f individual keypoint"]
]:
    """The points of animals that lie side by side, for each animal."""
    frames = len(points)
    return points.reshape(frames, count, -1, 2), likelihood.reshape(frames, count, -1)
