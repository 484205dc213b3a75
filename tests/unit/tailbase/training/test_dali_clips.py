"""Clips decoded by a GPU are those that processes read."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tailbase.training.clip_process import OpenVideos
from tailbase.training.clips import ClipPlan
from tailbase.training.dali_clips import DaliClips
from tailbase.video import dali


@pytest.mark.gpu
@pytest.mark.skipif(
    not (torch.cuda.is_available() and dali.available()), reason="needs a GPU and the package nvidia-dali"
)
def test_a_gpu_gives_the_clips_that_processes_give(film: Callable[..., Path]) -> None:
    plan = ClipPlan((str(film()),), 6, 2, 64, 64, 0)
    here = OpenVideos(plan)
    with DaliClips(plan, range(3), torch.device("cuda"), print) as clips:
        for number in range(3):
            clip, (wanted, _) = clips.take(), here.clip(number)
            assert (clip.first, clip.source, clip.frames.shape) == (wanted.first, wanted.source, wanted.frames.shape)
            assert (clip.frames.cpu().float() - wanted.frames.float()).abs().mean() < 6


def test_a_video_that_dali_does_not_read_is_read_in_order_all_the_same(film: Callable[..., Path]) -> None:
    plan = ClipPlan((str(film()),), 6, 2, 64, 64, 0)
    here = OpenVideos(plan)
    if dali.available():
        pytest.skip("DALI is here, and reads it")
    with DaliClips(plan, range(4, 7), torch.device("cpu"), print) as clips:
        for number in range(4, 7):
            assert torch.equal(clips.take().frames, here.clip(number)[0].frames)
