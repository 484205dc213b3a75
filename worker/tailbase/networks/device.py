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
    """`auto` is bfloat16 where the device computes it natively, else float32.

    Errors:
        precision.unavailable: float16 on a CPU, which is slower there than float32 and less exact.
    """
    if wanted == "auto":
        return torch.bfloat16 if native_bfloat16(device) else torch.float32
    if wanted == "float16" and device.type == "cpu":
        message = "float16 needs a GPU. Choose the precision auto, float32 or bfloat16 on a CPU."
        raise PoseError("precision.unavailable", message)
    return _DTYPES[wanted]


_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def native_bfloat16(device: torch.device) -> bool:
    """Whether the device has instructions for it; elsewhere it is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported())


def computing_in(dtype: torch.dtype, device: torch.device) -> AbstractContextManager[object]:
    """Runs convolutions and products in `dtype`, and keeps in float32 what needs it."""
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)
