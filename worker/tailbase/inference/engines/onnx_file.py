"""Networks as ONNX files."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tailbase.networks.tracker import Outputs, Tracker

OPSET = 18


class Raw(nn.Module):
    """A network's outputs, for engines that leave the decoding to us."""

    def __init__(self, tracker: Tracker) -> None:
        super().__init__()
        self.tracker = tracker

    def forward(self, images: Float[Tensor, "window 3 height width"]) -> Outputs:
        return self.tracker.clip(images)


class Posed(nn.Module):
    """Points in pixels of the input and likelihoods, for programs that know nothing of our maps."""

    def __init__(self, tracker: Tracker) -> None:
        super().__init__()
        self.tracker = tracker

    def forward(
        self, images: Float[Tensor, "window 3 height width"]
    ) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        return self.tracker.decode(self.tracker.clip(images))


def write_onnx(
    network: nn.Module,
    images: Float[Tensor, "window 3 height width"],
    path: Path,
    outputs: Sequence[str],
    any_batch: bool,
) -> None:
    """Write a network that takes `images`, with values 0 to 255, to `path`.

    The exporter follows the network through one run. It was preferred to PyTorch's other one, which needs two more
    packages and writes the same operations.

    Args:
        outputs: names for them.
        any_batch: whether the file takes any number of images, or as many as here.
    """
    axes = {name: {0: "batch"} for name in ("images", *outputs)} if any_batch else None
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # about values of the traced run, which `choice.agrees` or a run checks
        torch.onnx.export(
            network.eval(), (images,), str(path), dynamo=False, opset_version=OPSET, input_names=["images"],
            output_names=list(outputs), dynamic_axes=axes,
        )  # fmt: skip


def count_outputs(network: nn.Module, images: Float[Tensor, "window 3 height width"]) -> int:
    with torch.inference_mode():
        outputs = network(images)
    return 1 if isinstance(outputs, Tensor) else len(outputs)
