"""What a project's labels tell about how its pictures should be framed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailbase.formats.images import image_size
from tailbase.framing.boxes import extents
from tailbase.presets import ProjectFacts, shows_parts_in_every_view
from tailbase.schema import Labels

_MOST_IMAGES = 200


def facts_of(labels: Labels, folder: Path, videos: int) -> ProjectFacts:
    """What presets depend on; image files are asked for their size, at most 200 of them.

    Errors:
        image.unreadable.
    """
    some = np.unique(np.linspace(0, max(len(labels.images) - 1, 0), _MOST_IMAGES).astype(int))[: len(labels.images)]
    sizes = [_size(labels, folder, int(row)) for row in some]
    width, height = np.median(np.array(sizes, float), axis=0) if sizes else (640, 640)
    return ProjectFacts(
        images=len(labels.images),
        longest_side=round(max(width, height)),
        keypoints=len(labels.skeleton.keypoints),
        several_views=shows_parts_in_every_view(labels.skeleton),
        videos=videos,
        aspect=float(width / height),
        animal_share=animal_share(labels.points[some], sizes) if sizes else None,
    )


def _size(labels: Labels, folder: Path, row: int) -> tuple[int, int]:
    ref = labels.images[row]
    return image_size(folder / ref.path) if ref.crop is None else (ref.crop.width, ref.crop.height)


def animal_share(points: NDArray[np.float64], sizes: Sequence[tuple[int, int]]) -> float | None:
    """Median of the longest side of the box around an animal over that of its image; None where none has two points.

    Args:
        points: shape (image, individual, keypoint, 2). sizes: width and height of each image.
    """
    longest = np.array([max(size) for size in sizes], float)
    shares = (extents(points).max(-1) / longest[:, None])[np.isfinite(points).all(-1).sum(-1) > 1]
    return float(np.median(shares)) if shares.size else None
