"""A point is in one place: a map should be one Gaussian around the point it gives."""

import torch
from jaxtyping import Float
from torch import Tensor

from tailbase.losses.supervised import map_loss
from tailbase.networks.heatmaps import gaussian_targets
from tailbase.schema import MapLoss, PointState


def unimodal(
    logits: Float[Tensor, "batch keypoint row column"],
    points: Float[Tensor, "batch keypoint 2"],
    likelihood: Float[Tensor, "batch keypoint"],
    stride: int,
    least_likelihood: float,
    kind: MapLoss = "kl",
) -> Float[Tensor, ""]:
    """Distance (`losses.maps`) of each map from a Gaussian target drawn at its own point, mean over likely points.

    The target carries no gradient: the map is drawn together around its peak, the peak is not drawn to the map.

    Args:
        points: the network's own answer to `logits`, pixels of the input.
        stride: pixels of the input per cell of the maps.
    """
    states = torch.full(points.shape[:-1], int(PointState.VISIBLE), device=points.device)
    size = (logits.shape[-2], logits.shape[-1])
    targets, counted = gaussian_targets(points.detach(), states, size, stride)
    return map_loss(kind, logits, targets, counted & (likelihood >= least_likelihood))
