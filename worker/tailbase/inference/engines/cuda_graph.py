"""A network and its decoding recorded once as a CUDA graph: one launch a batch in place of some hundreds."""

import threading
from collections.abc import Callable

import torch

from tailbase.inference.engine import Engine, Found, Images, on_device
from tailbase.networks.tracker import Outputs, Tracker

_WARM_UP = 3


def cuda_graph(tracker: Tracker, sample: Images, device: torch.device, dtype: torch.dtype) -> Engine:
    """An engine for windows of the sample's shape. The tracker must lie on the GPU, channels last."""
    images = on_device(sample, device)
    lock = threading.Lock()

    def compute() -> tuple[Outputs, Found]:
        # A cache of converted weights would be filled while recording and emptied after it.
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32, cache_enabled=False):
            outputs = tracker.clip(images)
        return outputs, tracker.decode(outputs)

    with torch.inference_mode():
        _warm_up(compute)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            outputs, found = compute()

    def run(frames: Images) -> None:
        images.copy_(frames, non_blocking=True)
        graph.replay()

    def forward(frames: Images) -> Outputs:
        with lock, torch.inference_mode():
            run(frames)
            return outputs.clone() if isinstance(outputs, torch.Tensor) else tuple(map(torch.clone, outputs))

    def poses(frames: Images) -> Found:
        with lock, torch.inference_mode():
            run(frames)
            return found[0].clone(), found[1].clone()

    name = f"CUDA graph {str(dtype).removeprefix('torch.')} channels-last"
    return Engine(tracker, forward, poses, device, name)


def _warm_up(compute: Callable[[], object]) -> None:
    """Choose the fastest convolutions and fill the caches beside the stream that records."""
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(_WARM_UP):
            compute()
    torch.cuda.current_stream().wait_stream(stream)
