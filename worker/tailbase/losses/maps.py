"""How far two distributions over the cells of a map are from each other.

Every distance is scaled so that two Gaussians of a target's width, d cells apart, are d^2 / (2 sigma^2) from each other
while d is small. A weight therefore means the same whichever distance is chosen. Far apart they differ: `kl` keeps
growing, `js` ends at 4 ln 2 = 2.8, `mse` at 2.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from tailbase.networks.heatmaps import SIGMA_CELLS
from tailbase.schema import MapLoss

ENERGY = 1 / (4 * math.pi * SIGMA_CELLS**2)
"""Sum of squares of a Gaussian target that no border cuts."""


def log_probability(
    logits: Float[Tensor, "*batch keypoint row column"],
) -> Float[Tensor, "*batch keypoint cell"]:
    """Logarithm of each map's softmax, in at least single precision."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32)).flatten(-2).log_softmax(-1)


def distance(
    name: MapLoss, logs: Float[Tensor, "*batch cell"], wanted: Float[Tensor, "*batch cell"]
) -> Float[Tensor, "*batch"]:
    """The distance of that name between distributions.

    Args:
        logs: logarithms of the one.
        wanted: the other, may hold zeros.
    """
    return {"kl": kl, "mse": mse, "js": js}[name](logs, wanted)


def kl(logs: Float[Tensor, "*batch cell"], wanted: Float[Tensor, "*batch cell"]) -> Float[Tensor, "*batch"]:
    """Kullback-Leibler divergence of `logs` from `wanted`: sum of w ln(w / p)."""
    divergence: Tensor = (torch.special.xlogy(wanted, wanted) - wanted * logs).sum(-1)
    return divergence


def mse(logs: Float[Tensor, "*batch cell"], wanted: Float[Tensor, "*batch cell"]) -> Float[Tensor, "*batch"]:
    """Sum over cells of squared differences, in units of a target's own sum of squares.

    Lightning Pose (Biderman et al. 2024) takes the same sum without that unit, so its values are 0.05 of these.
    """
    squares: Tensor = (logs.exp() - wanted).square().sum(-1)
    return squares / ENERGY


def js(logs: Float[Tensor, "*batch cell"], wanted: Float[Tensor, "*batch cell"]) -> Float[Tensor, "*batch"]:
    """Four times the Jensen-Shannon divergence (Lin 1991), natural logarithm."""
    given = logs.exp()
    middle = torch.logaddexp(logs, wanted.log()) - math.log(2)
    from_given = (given * (logs - middle)).sum(-1)
    from_wanted = (torch.special.xlogy(wanted, wanted) - wanted * middle).sum(-1)
    doubled: Tensor = from_given + from_wanted
    return 2 * doubled
