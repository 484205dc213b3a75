"""Settings that suit most projects: `fast` for a first look, `standard` for work."""

import math

from tailbase.schema import AugmentSpec, TrainSpec

_FAST_STEPS, _FAST_BATCH = 600, 8
_STANDARD_STEPS, _STANDARD_BATCH = 1300, 16


def fast(images: int, longest_side: int = 640, device: str = "cpu") -> TrainSpec:
    """A small network from random weights, trained in minutes on a CPU; needs no download.

    Args:
        images: how many are labelled.
        height, width: of the images, pixels.
        device: `cpu` or `cuda`.
    """
    return TrainSpec(
        backbone="resnet18",
        weights="none",
        image_height=128,
        image_width=128,
        epochs=_epochs(images, _FAST_STEPS, _FAST_BATCH),
        batch_size=_FAST_BATCH,
        backbone_rate=1.0,
        augment=AugmentSpec(),
    )


def standard(images: int, longest_side: int = 640, device: str = "cpu") -> TrainSpec:
    """A network with pretrained weights at 256 x 256; about half an hour on two CPU cores."""
    return TrainSpec(
        backbone="mobilenetv2_100" if device == "cpu" else "resnet50",
        epochs=_epochs(images, _STANDARD_STEPS, _STANDARD_BATCH),
        batch_size=_STANDARD_BATCH,
    )


def _epochs(images: int, steps: int, batch_size: int) -> int:
    """As many as make about that many steps."""
    return max(1, math.ceil(steps / max(1, images // batch_size)))
