"""How far maps and points are from labels."""

from typing import assert_never

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tailbase.schema import MapLoss


def map_loss(
    name: MapLoss,
    logits: Float[Tensor, "batch keypoint row column"],
    targets: Float[Tensor, "batch keypoint row column"],
    counted: Bool[Tensor, "batch keypoint"],
) -> Float[Tensor, ""]:
    """The loss of that name between the maps' softmax and the targets."""
    if name == "kl":
        return divergence(logits, targets, counted)
    assert_never(name)


def divergence(
    logits: Float[Tensor, "batch keypoint row column"],
    targets: Float[Tensor, "batch keypoint row column"],
    counted: Bool[Tensor, "batch keypoint"],
) -> Float[Tensor, ""]:
    """Kullback-Leibler divergence of the maps' softmax from the targets, mean over the points that count."""
    given = logits.float().flatten(2).log_softmax(-1)
    wanted = targets.flatten(2)
    each = (torch.special.xlogy(wanted, wanted) - wanted * given).sum(-1)
    mean: Tensor = (each * counted).sum() / counted.sum().clamp(min=1)
    return mean
