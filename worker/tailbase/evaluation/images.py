"""A network's points in labelled images, and how far they are off."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.evaluation.errors import distances
from tailbase.framing.boxes import Box
from tailbase.framing.individuals import apart, sets_of
from tailbase.networks.device import computing_in
from tailbase.networks.model_folder import ModelFacts
from tailbase.networks.tracker import Tracker, channels_last
from tailbase.schema import SINGLE, ImageRef, Labels, Skeleton
from tailbase.training.dataset import TrainingImages
from tailbase.training.framing import located

_BATCH = 16


@torch.inference_mode()
def predict_images(
    tracker: Tracker, data: TrainingImages, positions: Sequence[int], dtype: torch.dtype, device: torch.device
) -> tuple[Float[NDArray[np.float32], "image keypoint 2"], Float[NDArray[np.float32], "image keypoint"]]:
    """Points in pixels of the original images, and likelihoods."""
    points, likelihoods = [], []
    for start in range(0, len(positions), _BATCH):
        some = positions[start : start + _BATCH]
        images = channels_last(data.inner(data.images(some)).to(device).float())
        with computing_in(dtype, device):
            outputs = tracker(images)
        found, likelihood = tracker.decode(outputs)
        points += [data.to_original(one.cpu(), position) for one, position in zip(found, some, strict=True)]
        likelihoods.append(likelihood.cpu())
    return torch.stack(points).numpy(), torch.cat(likelihoods).numpy()


def image_errors(
    tracker: Tracker, data: TrainingImages, positions: Sequence[int], dtype: torch.dtype, device: torch.device
) -> NDArray[np.float64]:
    """Distances (image, keypoint) in pixels of the original images; NaN where nothing is labelled."""
    points, _ = predict_images(tracker, data, positions, dtype, device)
    return distances(points, data.labels.points[list(positions), 0])


def predict_animals(
    tracker: Tracker, facts: ModelFacts, images: Sequence[ImageRef], folder: Path, dtype: torch.dtype
) -> tuple[
    Float[NDArray[np.float32], "image individual keypoint 2"], Float[NDArray[np.float32], "image individual keypoint"]
]:
    """Points of all of a model's animals in images, pixels of the original images, and likelihoods.

    The network is on the device that computes. One that looks at boxes is shown those that its coarse network finds in
    the image by itself.
    """
    device = next(tracker.parameters()).device
    count, size = len(facts.individuals), (facts.spec.image_height, facts.spec.image_width)
    if tracker.coarse is None or facts.coarse is None:
        blank = _unlabelled(images, sets_of(facts.skeleton, count))
        data = TrainingImages(blank, folder, size, tracker.reach, fit=facts.spec.framing.fit)
        return apart(*predict_images(tracker, data, range(len(images)), dtype, device), count)
    centres = located(images, folder, tracker.coarse, facts.coarse)
    boxes = [Box.around(c, *size) for one in centres for c, size in zip(one, facts.coarse.sizes, strict=True)]
    rows = _unlabelled([ref for ref in images for _ in range(count)], facts.skeleton)
    data = TrainingImages(rows, folder, size, tracker.reach, boxes=boxes)
    points, likelihood = predict_images(tracker, data, range(len(boxes)), dtype, device)
    return points.reshape(len(images), count, -1, 2), likelihood.reshape(len(images), count, -1)


def _unlabelled(images: Sequence[ImageRef], skeleton: Skeleton) -> Labels:
    shape = (len(images), 1, len(skeleton.keypoints))
    return Labels(skeleton, (SINGLE,), tuple(images), np.full((*shape, 2), np.nan), np.zeros(shape, np.int8))
