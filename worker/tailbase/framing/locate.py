"""Where a coarse network sees the animals in a few pictures at once, without an engine."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from torch import Tensor

from tailbase.framing.boxes import Box, cut, found_middles
from tailbase.framing.individuals import apart
from tailbase.networks.device import computing_in
from tailbase.networks.model_folder import Coarse
from tailbase.networks.resize import resize, to_source
from tailbase.networks.tracker import Tracker, channels_last

_AT_ONCE = 16


@torch.inference_mode()
def locate(
    network: Tracker, coarse: Coarse, pictures: Sequence[UInt8[Tensor, "3 height width"]], regions: Sequence[Box]
) -> Float[NDArray[np.float64], "picture individual 2"]:
    """The middle of each animal in pixels of the pictures; NaN where it is not seen.

    Args:
        regions: the part of each picture that is looked at.
    """
    size, fit = (coarse.spec.image_height, coarse.spec.image_width), coarse.spec.framing.fit
    device = next(network.parameters()).device
    found = []
    for start in range(0, len(pictures), _AT_ONCE):
        some, parts = pictures[start : start + _AT_ONCE], regions[start : start + _AT_ONCE]
        images = torch.stack([resize(cut(one, box), size, fit) for one, box in zip(some, parts, strict=True)])
        with computing_in(torch.float32, device):
            points, likelihood = network.decode(network(channels_last(images.to(device).float())))
        corners = torch.tensor([[box.x, box.y] for box in parts], dtype=points.dtype)
        back = torch.stack(
            [
                to_source(one.cpu(), box.size, size, fit) + xy
                for one, box, xy in zip(points, parts, corners, strict=True)
            ]
        )
        found.append(found_middles(*apart(back.numpy(), likelihood.cpu().numpy(), len(coarse.sizes)), coarse.sizes))
    return np.concatenate(found) if found else np.empty((0, len(coarse.sizes), 2))
