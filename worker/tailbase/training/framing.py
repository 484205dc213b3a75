"""What part of each image a training looks at: the whole, or boxes around animals that a coarse network finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.framing.boxes import Box, Sizes, box_sizes, middles
from tailbase.framing.individuals import one_by_one, side_by_side
from tailbase.framing.locate import locate
from tailbase.networks.model_folder import Coarse
from tailbase.networks.tracker import Tracker
from tailbase.progress import Reporter
from tailbase.schema import FramingSpec, ImageRef, Labels, LossSpec, TrainSpec
from tailbase.training.dataset import TrainingImages, read_image, regions
from tailbase.training.split import Split

_SHARE_OF_EPOCHS = 0.5
_BORDER = 8  # of the input's side, on each side
_STEP = 32
_AT_ONCE = 16


@dataclass(frozen=True)
class Finding:
    """The coarse network of a training, and the folder where readers of clips find it."""

    network: Tracker
    coarse: Coarse
    folder: Path


@dataclass(frozen=True)
class Framed:
    """Labels as a network sees them: animals side by side, or one a row.

    Attributes:
        split: rows of the labels, by use.
        boxes: of each row; None for the whole image or its crop.
        border: pixels that training images have on every side for augmentation.
    """

    labels: Labels
    split: Split
    boxes: list[Box] | None
    border: tuple[int, int]

    def images(self, folder: Path, spec: TrainSpec, reach: int, videos: dict[str, Path]) -> TrainingImages:
        size = (spec.image_height, spec.image_width)
        fit = spec.framing.fit if self.boxes is None else "stretch"  # a box has the shape of the input
        return TrainingImages(self.labels, folder, size, reach, videos, fit, self.boxes, self.border)


def framed(labels: Labels, split: Split, folder: Path, spec: TrainSpec, finding: Finding | None) -> Framed:
    """Labels of the animals that a network is to find, as it sees them.

    Training images are cut around the labelled points, validation and test images where the coarse network sees the
    animal, as it will be when the network predicts.
    """
    if finding is None:
        return Framed(side_by_side(labels), split, None, (0, 0))
    rows, which = one_by_one(labels)
    parts = [_rows_of(part, which) for part in (split.train, split.validation, split.test)]
    centres = middles(rows.points[:, 0])
    held_out = sorted((*split.validation, *split.test))
    images = [labels.images[image] for image in held_out]
    for image, found in zip(held_out, located(images, folder, finding.network, finding.coarse), strict=True):
        mine = which[:, 0] == image
        centres[mine] = found[which[mine, 1]]
    sizes = finding.coarse.sizes
    boxes = [Box.around(centre, *sizes[animal]) for centre, (_, animal) in zip(centres, which, strict=True)]
    return Framed(rows, Split(*parts), boxes, (spec.image_height // _BORDER, spec.image_width // _BORDER))


def _rows_of(images: Sequence[int], which: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(np.isin(which[:, 0], images)).tolist())


def located(
    images: Sequence[ImageRef], folder: Path, network: Tracker, coarse: Coarse
) -> Float[NDArray[np.float64], "image individual 2"]:
    """Where the coarse network sees the animals of some images; the middle of the image where it sees none."""
    found = [np.empty((0, len(coarse.sizes), 2))]
    for start in range(0, len(images), _AT_ONCE):
        some = images[start : start + _AT_ONCE]
        parts = regions(some, folder)
        centres = locate(network, coarse, [read_image(folder / ref.path) for ref in some], parts)
        nowhere = np.array([box.middle for box in parts])[:, None]
        found.append(np.where(np.isfinite(centres), centres, nowhere))
    return np.concatenate(found)


def coarse_for(labels: Labels, train: Sequence[int], folder: Path, spec: TrainSpec) -> Coarse:
    """The coarse network's settings, and the boxes that hold the animals of the training images."""
    parts = regions(labels.images, folder)
    longest = float(np.median([max(box.size) for box in parts]))
    sizes: Sizes = box_sizes(
        labels.points[list(train)], spec.framing.margin, (spec.image_height, spec.image_width), round(longest)
    )
    return Coarse(spec=coarse_spec(spec, float(np.median([box.width / box.height for box in parts]))), sizes=sizes)


def coarse_spec(spec: TrainSpec, aspect: float) -> TrainSpec:
    """Of the network that finds the animals: it learns from labels alone, for half as long.

    Args:
        aspect: width of the images over their height.
    """
    side = spec.framing.coarse_side
    height, width = (_stepped(side * share, side) for share in (min(1, 1 / aspect), min(1, aspect)))
    update = {
        "architecture": "heatmap", "image_height": height, "image_width": width, "downsample_factor": 2,
        "epochs": max(1, round(spec.epochs * _SHARE_OF_EPOCHS)), "losses": LossSpec(),
        "framing": FramingSpec(), "freeze_backbone_epochs": 0,
    }  # fmt: skip
    return spec.model_copy(update=update)


def _stepped(wanted: float, most: int) -> int:
    return min(most, max(_STEP, int(np.ceil(wanted / _STEP)) * _STEP))


class FirstStage:
    """Tells of the coarse network's training by its steps alone: the curves are the other network's."""

    def __init__(self, report: Reporter) -> None:
        self._report = report

    def step(self, stage: str, done: int, total: int) -> None:
        self._report.step(f"{stage} to find the animal", done, total)

    def metric(self, **values: float | int | str) -> None:
        """The curves of a model show one network."""

    def log(self, message: str) -> None:
        self._report.log(message)

    def artifact(self, name: str, path: str) -> None:
        self._report.artifact(name, path)

    def result(self, **values: Any) -> None:
        self._report.result(**values)
