"""Reads frames by their number with NVIDIA DALI: decoded by the GPU's own decoder, and left in its memory."""

import tempfile
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.utils.dlpack import from_dlpack

from tailbase.video.reader import VideoReader

CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"})
"""What a GPU's decoder reads."""

_FRAMES_A_RUN = 16
_CLOSE_LEVELS = 6.0


def available() -> bool:
    return find_spec("nvidia") is not None and find_spec("nvidia.dali") is not None


def reads(reader: VideoReader, device: torch.device) -> bool:
    """Whether DALI is here and gives this video's frames by the numbers that `reader` gives them.

    The first, a middle and the last frame are compared, because files number their frames in more ways than decoders
    know: hidden pictures before the first, jumps in time, pictures stored on their side.
    """
    if not available() or reader.codec not in CODECS or reader.turns or reader.index.counted:
        return False
    last = reader.frame_count - 1
    try:
        return all(_same(reader, number, device) for number in sorted({0, last // 2, last}))
    except RuntimeError:  # DALI's error, also for a picture format that this GPU cannot decode
        return False


def _same(reader: VideoReader, number: int, device: torch.device) -> bool:
    frames = list(dali_frames(reader.path, number, number + 1, device))
    wanted = reader.frame(number)
    if len(frames) != 1 or frames[0].shape != wanted.shape:
        return False
    difference = np.abs(frames[0].cpu().numpy().astype(np.int16) - wanted)
    return float(difference.mean()) <= _CLOSE_LEVELS


def dali_frames(
    path: Path, start: int, stop: int, device: torch.device
) -> Generator[UInt8[Tensor, "height width 3"], None, None]:
    """The frames `start` to `stop` - 1 in the device's memory; red, green, blue.

    Raises:
        RuntimeError: DALI cannot read the file, or skips a frame.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The list's fields are parted by spaces, which the file's own name may hold.
        link, listed = Path(folder) / f"video{path.suffix}", Path(folder) / "list.txt"
        link.symlink_to(path.resolve())
        listed.write_text(f"{link} 0 {start} {stop}\n")
        pipeline = _pipeline(listed, device)
        expected = start
        while expected < stop:
            frames, numbers = _run(pipeline, device)
            if numbers != list(range(expected, min(expected + _FRAMES_A_RUN, stop))):
                raise RuntimeError(f"DALI skipped a frame of {path.name} near number {expected}.")
            yield from frames[: len(numbers)]
            expected += len(numbers)


def _pipeline(listed: Path, device: torch.device) -> Any:
    from nvidia.dali import fn, types
    from nvidia.dali.pipeline import Pipeline

    gpu = device.type == "cuda"
    pipeline = Pipeline(batch_size=1, num_threads=1, device_id=(device.index or 0) if gpu else None, seed=0)
    with pipeline:
        frames, _, numbers = fn.experimental.readers.video(
            device="gpu" if gpu else "cpu", file_list=str(listed), file_list_format="frames",
            file_list_include_end=False, sequence_length=_FRAMES_A_RUN, image_type=types.RGB,
            # Without padding the last frames would be left out where they are fewer; padded ones have the number -1.
            pad_mode="constant", enable_frame_num="sequence", prefetch_queue_depth=2,
        )  # fmt: skip
        pipeline.set_outputs(frames, numbers)
    pipeline.build()
    return pipeline


def _run(pipeline: Any, device: torch.device) -> tuple[UInt8[Tensor, "frame height width 3"], list[int]]:
    """The next frames, copied because DALI decodes the ones after them into the same memory."""
    frames, numbers = pipeline.run()
    on_host = numbers.as_cpu() if device.type == "cuda" else numbers
    copied = from_dlpack(frames[0]).clone()
    if device.type == "cuda":
        torch.cuda.current_stream(device).synchronize()
    return copied, [number for number in np.asarray(on_host[0]).reshape(-1).tolist() if number >= 0]
