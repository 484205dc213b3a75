"""Makes a trained network ready to run fast: number format, memory layout and, where it pays, compilation."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from tailbase.networks.device import computing_in, resolve_device, resolve_precision
from tailbase.networks.tracker import Outputs, Tracker, as_channels_last
from tailbase.schema import PredictSpec

CLOSE_PX = 0.1
"""How far bfloat16 may move likely points, mean in pixels of the network's input, to be chosen by itself."""

_LIKELY = 0.5
_COMPILE_SECONDS = 60.0
_COMPILE_GAIN = 0.15

Forward = Callable[[Float[Tensor, "batch 3 height width"]], Outputs]


@dataclass(frozen=True)
class Engine:
    """A network ready to run.

    Attributes:
        forward: from images with values 0 to 255 on the device, channels last, to the network's outputs.
        name: for people, e.g. ``torch bfloat16 channels-last``.
    """

    tracker: Tracker
    forward: Forward
    device: torch.device
    dtype: torch.dtype
    name: str

    def poses(
        self, images: UInt8[Tensor, "batch 3 height width"]
    ) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        """Points in pixels of the input, and likelihoods, for images as the reader gives them."""
        return self.tracker.decode(self.forward(on_device(images, self.device)))


def on_device(images: UInt8[Tensor, "batch 3 height width"], device: torch.device) -> Float[Tensor, "batch 3 h w"]:
    return images.to(device, non_blocking=True).float().contiguous(memory_format=torch.channels_last)


def prepare(
    tracker: Tracker, spec: PredictSpec, sample: UInt8[Tensor, "batch 3 height width"], frames: int
) -> tuple[Engine, list[str]]:
    """The engine for a spec, and sentences about what was decided.

    With precision `auto` bfloat16 is used if, on the sample, it moves likely points by at most CLOSE_PX in the mean.
    With compilation `auto` the network is compiled if that saves more time over `frames` than it takes.

    Args:
        sample: a batch of the video, of the size the engine will be given.
        frames: how many will be predicted.

    Errors:
        device.unavailable.
    """
    device = resolve_device(spec.device)
    tracker = as_channels_last(tracker.eval().to(device))
    dtype = resolve_precision(spec.precision, device)
    notes = []
    if dtype == torch.bfloat16 and spec.precision == "auto":
        moved = _moved_by_bfloat16(tracker, sample, device)
        if moved > CLOSE_PX:
            dtype = torch.float32
            notes.append(f"Runs in float32: bfloat16 would move points by {moved:.2f} px of the network's input.")
    engine = _eager(tracker, device, dtype)
    if spec.compile == "always" or (spec.compile == "auto" and _compiling_pays(engine, sample, frames)):
        engine, note = _compiled(engine, sample)
        notes.append(note)
    return engine, notes


@torch.inference_mode()
def _moved_by_bfloat16(tracker: Tracker, sample: Tensor, device: torch.device) -> float:
    images = on_device(sample, device)
    exact, likelihood = tracker.decode(tracker(images))
    with computing_in(torch.bfloat16, device):
        rough, _ = tracker.decode(tracker(images))
    likely = likelihood > _LIKELY
    return float((exact - rough).norm(dim=-1)[likely].mean()) if likely.any() else 0.0


def _eager(tracker: Tracker, device: torch.device, dtype: torch.dtype) -> Engine:
    def forward(images: Tensor) -> Outputs:
        with torch.inference_mode(), computing_in(dtype, device):
            outputs: Outputs = tracker(images)
        return outputs

    return Engine(tracker, forward, device, dtype, f"torch {str(dtype).removeprefix('torch.')} channels-last")


def _compiling_pays(engine: Engine, sample: Tensor, frames: int) -> bool:
    engine.poses(sample)
    began = time.perf_counter()
    engine.poses(sample)
    seconds = (time.perf_counter() - began) / len(sample) * frames
    return seconds * _COMPILE_GAIN > _COMPILE_SECONDS


def _compiled(engine: Engine, sample: Tensor) -> tuple[Engine, str]:
    """The engine compiled, or as it was where this machine cannot compile."""
    if engine.device.type == "cpu" and shutil.which("g++") is None and shutil.which("clang++") is None:
        return engine, "Runs without compilation: there is no C++ compiler (g++) on PATH."
    network = torch.compile(engine.tracker, dynamic=False)

    def forward(images: Tensor) -> Outputs:
        with torch.inference_mode(), computing_in(engine.dtype, engine.device):
            outputs: Outputs = network(images)
        return outputs

    compiled = Engine(engine.tracker, forward, engine.device, engine.dtype, f"{engine.name}, compiled")
    try:
        compiled.poses(sample)
    except Exception as error:  # the compiler's stages raise many unrelated classes
        return engine, f"Runs without compilation, which failed here ({type(error).__name__})."
    return compiled, "The network was compiled for this machine."
