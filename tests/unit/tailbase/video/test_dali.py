"""Frames read with DALI, which a GPU decodes; what a GPU is not needed for is tested with DALI's CPU decoder."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from tailbase.video import dali
from tailbase.video.reader import open_video

FRAMES = 41
CPU = torch.device("cpu")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


def _film(path: Path, codec: str, pixels: str = "yuv420p") -> Path:
    """A bright box moves by one pixel a frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 160, 128, pixels
        for number in range(FRAMES):
            image = np.full((128, 160, 3), 30, np.uint8)
            image[30:90, number : number + 40] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def _difference(path: Path, start: int, stop: int, device: torch.device) -> float:
    """The worst mean difference of a frame's values, in levels."""
    with open_video(path) as reader:
        wanted = list(reader.frames(start, stop))
    found = [frame.cpu().numpy() for frame in dali.dali_frames(path, start, stop, device)]
    return max(float(np.abs(a.astype(int) - b).mean()) for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize(("start", "stop"), [(0, FRAMES), (5, 30), (17, 18), (FRAMES - 1, FRAMES)])
def test_frames_come_by_their_number(start: int, stop: int, tmp_path: Path) -> None:
    pytest.importorskip("nvidia.dali", reason="DALI, the extra `cuda`, is not installed")
    assert _difference(_film(tmp_path / "a film.mkv", "libvpx-vp9"), start, stop, CPU) < 1


def test_a_video_that_dali_numbers_alike_is_read_with_it(tmp_path: Path) -> None:
    pytest.importorskip("nvidia.dali", reason="DALI, the extra `cuda`, is not installed")
    with open_video(_film(tmp_path / "film.mkv", "libvpx-vp9")) as reader:
        assert dali.reads(reader, CPU)


def test_a_codec_that_gpus_do_not_decode_is_left_to_the_cpu(tmp_path: Path) -> None:
    with open_video(_film(tmp_path / "film.avi", "mjpeg", "yuvj420p")) as reader:
        assert not dali.reads(reader, CPU)


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize(("start", "stop"), [(0, FRAMES), (5, 30), (FRAMES - 1, FRAMES)])
def test_a_gpu_gives_the_frames_that_the_cpu_gives(codec: str, start: int, stop: int, tmp_path: Path) -> None:
    pytest.importorskip("nvidia.dali", reason="DALI, the extra `cuda`, is not installed")
    film = _film(tmp_path / "film.mp4", codec)
    with open_video(film) as reader:
        assert dali.reads(reader, torch.device("cuda"))
    assert _difference(film, start, stop, torch.device("cuda")) < 4
