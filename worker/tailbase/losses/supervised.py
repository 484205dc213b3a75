"""How far maps and points are from labels."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tailbase.losses.maps import distance, log_probability
from tailbase.schema import MapLoss


def map_loss(
    name: MapLoss,
    logits: Float[Tensor, "batch keypoint row column"],
    targets: Float[Tensor, "batch keypoint row column"],
    counted: Bool[Tensor, "batch keypoint"],
) -> Float[Tensor, ""]:
    """The distance of that name (`losses.maps`) between the maps' softmax and the targets, mean over what counts."""
    return mean_of(distance(name, log_probability(logits), targets.flatten(2)), counted)


def regression(
    points: Float[Tensor, "batch keypoint 2"], wanted: Float[Tensor, "batch keypoint 2"], unit: float = 1.0
) -> Float[Tensor, ""]:
    """Half the mean squared distance between points and labels, in units of `unit` pixels; NaN labels do not count.

    With `unit` the width of a target's Gaussian, `SIGMA_CELLS * stride`, a small error costs what it costs in maps.
    """
    counted = wanted.isfinite().all(-1)
    step = (points - wanted.nan_to_num()) / unit
    return mean_of(step.square().sum(-1) / 2, counted)


def mean_of(values: Float[Tensor, "*any"], counted: Bool[Tensor, "*any"]) -> Float[Tensor, ""]:
    """Mean over what counts; zero where nothing does."""
    total: Tensor = torch.where(counted, values, 0).sum()
    return total / counted.sum().clamp(min=1)
