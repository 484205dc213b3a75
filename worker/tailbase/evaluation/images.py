"""A network's points in labelled images, and how far they are off."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.evaluation.errors import distances
from tailbase.networks.device import computing_in
from tailbase.networks.resize import to_source
from tailbase.networks.tracker import Tracker, channels_last
from tailbase.training.dataset import TrainingImages

_BATCH = 16


@torch.inference_mode()
def predict_images(
    tracker: Tracker, data: TrainingImages, positions: Sequence[int], dtype: torch.dtype, device: torch.device
) -> tuple[Float[NDArray[np.float32], "image keypoint 2"], Float[NDArray[np.float32], "image keypoint"]]:
    """Points in pixels of the original images, and likelihoods."""
    points, likelihoods = [], []
    for start in range(0, len(positions), _BATCH):
        some = positions[start : start + _BATCH]
        images = channels_last(data.images(some).to(device).float())
        with computing_in(dtype, device):
            outputs = tracker(images)
        found, likelihood = tracker.decode(outputs)
        sources = [data.sources[position] for position in some]
        points += [to_source(one.cpu(), source, data.size) for one, source in zip(found, sources, strict=True)]
        likelihoods.append(likelihood.cpu())
    return torch.stack(points).numpy(), torch.cat(likelihoods).numpy()


def image_errors(
    tracker: Tracker, data: TrainingImages, positions: Sequence[int], dtype: torch.dtype, device: torch.device
) -> NDArray[np.float64]:
    """Distances (image, keypoint) in pixels of the original images; NaN where nothing is labelled."""
    points, _ = predict_images(tracker, data, positions, dtype, device)
    return distances(points, data.labels.points[list(positions), 0])
