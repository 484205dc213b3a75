"""Animals move smoothly: how far points and maps jump from one frame to the next.

The frame axis is differenced, and nothing else: several clips, or several heads, are further axes before it, so no
difference ever crosses the border of a clip or leads from one head to another.
"""

from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tailbase.losses.maps import kl, log_probability, mse


def temporal(
    points: Float[Tensor, "*clip frame keypoint 2"],
    likelihood: Float[Tensor, "*clip frame keypoint"],
    epsilon: float | Float[Tensor, "keypoint"],
    least_likelihood: float,
) -> Float[Tensor, ""]:
    """Mean distance that points move between neighbouring frames beyond `epsilon` pixels (Biderman et al. 2024).

    A step from or to a point less likely than `least_likelihood`, or a NaN, counts as none. The mean is over all
    steps, so the more points are sure, the more they weigh.

    Args:
        points: pixels of the network's input, with the clip's augmentation undone.
        likelihood: 0 to 1; no gradient flows through it.
        epsilon: how far a point may move for free, for all keypoints or each.
    """
    step = points.diff(dim=-3)
    counted = _both(likelihood >= least_likelihood) & step.isfinite().all(-1)
    over = (norm(step, counted) - epsilon).clamp(min=0)
    return (over * counted).mean()


def temporal_heatmap(
    logits: Float[Tensor, "*clip frame keypoint row column"],
    likelihood: Float[Tensor, "*clip frame keypoint"],
    least_likelihood: float,
    kind: Literal["mse", "kl"] = "mse",
    epsilon: float = 0.0,
) -> Float[Tensor, ""]:
    """Mean distance (`losses.maps`) beyond `epsilon` between the maps of neighbouring frames.

    `kl` is the mean of both directions, because neither frame is the truth about the other. Gate and mean as in
    `temporal`.
    """
    logs = log_probability(logits)
    first, second = logs[..., :-1, :, :], logs[..., 1:, :, :]
    each = mse(first, second.exp()) if kind == "mse" else (kl(first, second.exp()) + kl(second, first.exp())) / 2
    return ((each - epsilon).clamp(min=0) * _both(likelihood >= least_likelihood)).mean()


def norm(step: Float[Tensor, "*any dim"], counted: Bool[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """Length of each vector that counts, and zero of the others, whose gradient is zero too, NaN or not."""
    length: Tensor = torch.linalg.vector_norm(torch.where(counted[..., None], step, 0), dim=-1)
    return length


def _both(sure: Bool[Tensor, "*clip frame keypoint"]) -> Bool[Tensor, "*clip step keypoint"]:
    return sure[..., :-1, :] & sure[..., 1:, :]
