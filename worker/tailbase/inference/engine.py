"""A network ready to run, whatever computes it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from tailbase.networks.tracker import Outputs, Tracker

Images = UInt8[Tensor, "window 3 height width"]
Found = tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]
Forward = Callable[[Images], Outputs]

_MOST_STREAMS = 4
_GPU_STREAMS = 2


@dataclass(frozen=True)
class Engine:
    """A network ready to run; any number of threads may use it at once.

    Networks that look at neighbouring frames take `tracker.reach` more images on both sides than they answer for.

    Attributes:
        forward: from images as the reader gives them to the network's outputs.
        poses: from the same images to points in pixels of the input, and likelihoods.
        name: for people, e.g. ``torch bfloat16 channels-last``.
    """

    tracker: Tracker
    forward: Forward
    poses: Callable[[Images], Found]
    device: torch.device
    name: str


def engine_of(tracker: Tracker, forward: Forward, device: torch.device, name: str) -> Engine:
    """An engine whose outputs the network's own decoding reads."""

    def poses(images: Images) -> Found:
        with torch.inference_mode():
            return tracker.decode(forward(images))

    return Engine(tracker, forward, poses, device, name)


def on_device(images: Images, device: torch.device) -> Float[Tensor, "window 3 height width"]:
    return images.to(device, non_blocking=True).float().contiguous(memory_format=torch.channels_last)


def streams(device: torch.device) -> int:
    """How many batches are computed side by side.

    On a CPU each has its own cores. That keeps every core busy where one batch spread over all of them would wait for
    the slowest, which is the one that also reads the video. On a GPU one is copied while another is computed.
    """
    return min(torch.get_num_threads(), _MOST_STREAMS) if device.type == "cpu" else _GPU_STREAMS
