"""torch.compile, within a limit of time: it takes minutes, and hours on a busy machine."""

import multiprocessing
import shutil

import torch

from tailbase.errors import PoseError
from tailbase.inference.engine import Engine, Images, engine_of, on_device
from tailbase.networks.device import computing_in
from tailbase.networks.tracker import Outputs, Tracker


def compiled(
    tracker: Tracker, sample: Images, device: torch.device, dtype: torch.dtype, limit_seconds: float
) -> Engine:
    """An engine for windows of the sample's shape.

    A process of its own compiles first and is ended at the limit; what it made lies in PyTorch's cache on disk, from
    which this process takes it.

    Errors:
        engine.unavailable: there is no C++ compiler here, compiling failed, or took longer than the limit.
    """
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        raise PoseError("engine.unavailable", "There is no C++ compiler (g++) on PATH. Choose another engine.")
    threads = torch.get_num_threads()
    process = multiprocessing.get_context("spawn").Process(
        target=_compile, args=(tracker.cpu(), sample.cpu(), device, dtype, threads), daemon=True
    )
    process.start()
    process.join(limit_seconds)
    tracker.to(device)
    if process.exitcode is None:
        process.kill()
        process.join()
        message = f"Compiling the network took longer than {limit_seconds:.0f} seconds. Choose another engine."
        raise PoseError("engine.unavailable", message)
    if process.exitcode != 0:
        raise PoseError("engine.unavailable", "The network could not be compiled here. Choose another engine.")
    engine = _engine(tracker, device, dtype)
    engine.forward(sample)
    return engine


def _compile(tracker: Tracker, sample: Images, device: torch.device, dtype: torch.dtype, threads: int) -> None:
    torch.set_num_threads(threads)
    _engine(tracker.to(device), device, dtype).forward(sample)


def _engine(tracker: Tracker, device: torch.device, dtype: torch.dtype) -> Engine:
    network = torch.compile(tracker.clip, dynamic=False)

    def forward(images: Images) -> Outputs:
        with torch.inference_mode(), computing_in(dtype, device):
            outputs: Outputs = network(on_device(images, device))
        return outputs

    return engine_of(tracker, forward, device, f"torch {str(dtype).removeprefix('torch.')} channels-last, compiled")
