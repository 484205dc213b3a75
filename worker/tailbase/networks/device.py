"""Where and in which number format a network runs. A device is never exchanged for another unasked."""

from contextlib import AbstractContextManager, nullcontext

import torch

from tailbase.errors import PoseError


def resolve_device(wanted: str) -> torch.device:
    """`auto` is the GPU where there is one, else the CPU.

    Errors:
        device.unavailable: `cuda` on a machine without a usable GPU.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        message = 'This machine has no GPU that PyTorch can use. Choose the device "cpu", or run it where there is one.'
        raise PoseError("device.unavailable", message)
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def resolve_precision(wanted: str, device: torch.device) -> torch.dtype:
    """`auto` is bfloat16 where the device computes it natively, else float32."""
    if wanted == "auto":
        return torch.bfloat16 if _native_bfloat16(device) else torch.float32
    return torch.bfloat16 if wanted == "bfloat16" else torch.float32


def _native_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported())


def computing_in(dtype: torch.dtype, device: torch.device) -> AbstractContextManager[object]:
    """Runs convolutions and products in `dtype`, and keeps in float32 what needs it."""
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)
