"""Real recordings for losses.py: labels of ../shared, and the films they come from."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tailbase.formats.project import load_labels
from tailbase.schema import Keypoint, Labels, Skeleton, SplitSpec

MIRROR_MOUSE = "datasets/mirror-mouse"
WEIGHTS = "weights/mobilenetv2_100.safetensors"
VIEWS = ("top", "bot")
_TEST, _VALIDATION = 0.2, 0.1


@dataclass(frozen=True)
class Mouse:
    """Labels for a training, their split, where images lie, and the film nobody labelled."""

    labels: Labels
    split: SplitSpec
    images: Path
    video: Path
    weights: Path


def mirror_mouse(shared: Path, training: int | None) -> Mouse:
    """The first issue's test split, with all other images to train and validate on, or that many of them."""
    labels, images = load_labels(shared / MIRROR_MOUSE)
    labels = replace(labels, skeleton=_with_views(labels.skeleton))
    by_path = sorted(range(len(labels.images)), key=lambda i: labels.images[i].path)
    order = [by_path[i] for i in np.random.default_rng(0).permutation(len(by_path))]
    for_test = round(_TEST * len(order))
    rest, test = order[: len(order) - for_test], order[len(order) - for_test :]
    used = rest if training is None else rest[:training]
    validation = used[len(used) - round(_VALIDATION * len(used)) :]
    split = SplitSpec(
        method="explicit",
        validation_images=tuple(labels.images[i].path for i in validation),
        test_images=tuple(labels.images[i].path for i in test),
    )
    chosen = [*used, *test]
    some = replace(
        labels, images=tuple(labels.images[i] for i in chosen), points=labels.points[chosen],
        states=labels.states[chosen],
    )  # fmt: skip
    return Mouse(some, split, images, shared / MIRROR_MOUSE / "videos" / "test_vid.mp4", shared / WEIGHTS)


def _with_views(skeleton: Skeleton) -> Skeleton:
    """Each keypoint's part and view, which its name ends with: paw1LH_top and paw1LH_bot are one paw."""

    def told(keypoint: Keypoint) -> Keypoint:
        part, _, view = keypoint.name.rpartition("_")
        return keypoint.model_copy(update={"part": part, "view": view})

    return Skeleton(keypoints=tuple(map(told, skeleton.keypoints)), edges=skeleton.edges, views=VIEWS)
