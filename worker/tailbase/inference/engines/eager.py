"""PyTorch as it is: channels last, in float32, bfloat16 or float16."""

import torch

from tailbase.inference.engine import Engine, Images, engine_of, on_device
from tailbase.networks.device import computing_in
from tailbase.networks.tracker import Outputs, Tracker


def eager(tracker: Tracker, device: torch.device, dtype: torch.dtype) -> Engine:
    """The tracker must lie on the device, channels last."""

    def forward(images: Images) -> Outputs:
        with torch.inference_mode(), computing_in(dtype, device):
            return tracker.clip(on_device(images, device))

    return engine_of(tracker, forward, device, f"torch {str(dtype).removeprefix('torch.')} channels-last")
