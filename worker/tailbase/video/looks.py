"""How frames look to k-means: principal components of small grey pictures, and groups of frames alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
"""Small grey pictures as rows, 0 to 255, shape (picture, pixel)."""

COMPONENTS = 24
SHOWN_COMPONENTS = 6
SHOWN_FRAMES = 1000


@dataclass(frozen=True)
class Looks:
    """What can be drawn of a choice by k-means.

    Attributes:
        frames: up to 1000 frame numbers.
        groups: the group of each.
        places: (frame, 2), their first two principal components.
        components: (component, height, width), 0 to 255, 128 where a component changes nothing.
        shares: of the variance, one a component.
    """

    frames: list[int]
    groups: list[int]
    places: list[list[float]]
    components: NDArray[np.uint8]
    shares: list[float]


def describe_looks(
    looks: Grey, frames: NDArray[np.int64], count: int, seed: int, size: tuple[int, int]
) -> Looks | None:
    """Groups and components for people to see; None where there are fewer than two pictures.

    Args:
        frames: number of the frame of each picture.
        count: groups.
        size: width and height of the pictures.
    """
    if len(looks) < 2:
        return None
    features, model = principal(looks, seed)
    groups = grouped(features, min(count, len(looks)), seed).predict(features)
    shown = np.unique(np.linspace(0, len(looks) - 1, SHOWN_FRAMES).astype(np.int64))
    places = np.pad(features[:, :2], ((0, 0), (0, max(0, 2 - features.shape[1]))))
    width, height = size
    axes = model.components_[:SHOWN_COMPONENTS]
    strongest = np.maximum(np.abs(axes).max(axis=1, keepdims=True), 1e-12)
    return Looks(
        frames=[int(i) for i in frames[shown]],
        groups=[int(i) for i in groups[shown]],
        places=[[round(float(x), 2), round(float(y), 2)] for x, y in places[shown]],
        components=(128 + 127 * axes / strongest).astype(np.uint8).reshape(-1, height, width),
        shares=[round(float(share), 4) for share in model.explained_variance_ratio_[:SHOWN_COMPONENTS]],
    )


def principal(looks: Grey, seed: int) -> tuple[Grey, Any]:
    """Up to 24 principal components of each picture, and the fitted model."""
    from sklearn.decomposition import PCA

    model = PCA(min(COMPONENTS, *looks.shape), svd_solver="randomized", random_state=seed)
    return model.fit_transform(looks), model


def grouped(features: Grey, count: int, seed: int) -> Any:
    """k-means of the pictures' components."""
    from sklearn.cluster import MiniBatchKMeans

    return MiniBatchKMeans(count, random_state=seed, n_init=3, batch_size=1024).fit(features)
