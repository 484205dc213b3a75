"""Clips of unlabelled video decoded by the GPU that trains, read ahead by a thread and left in its memory."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from tailbase.errors import PoseError
from tailbase.inference.pipeline import ahead
from tailbase.training.clip_process import OpenVideos
from tailbase.training.clips import Clip, ClipPlan, Place
from tailbase.video import dali
from tailbase.video.reader import VideoReader

_AHEAD = 2


class DaliClips(OpenVideos):
    """The clips that processes would read, place by place; a context manager.

    Videos that DALI does not number as our reader does, or cannot decode, are read by our reader.
    """

    def __init__(self, plan: ClipPlan, numbers: range, device: torch.device, log: Callable[[str], None]) -> None:
        super().__init__(plan, device)
        self.waited = 0.0
        self._device = device
        self._log = log
        self._told: set[str] = set()
        self._by_dali: dict[int, bool] = {}
        self._coming = ahead(self._all(numbers), _AHEAD)

    def __enter__(self) -> "DaliClips":
        return self

    def __exit__(self, *_: object) -> None:
        self._coming.close()

    def take(self) -> Clip:
        began = time.perf_counter()
        clip, notes = next(self._coming)
        self.waited += time.perf_counter() - began
        for note in notes:
            if note not in self._told:
                self._told.add(note)
                self._log(note)
        return clip

    def _all(self, numbers: range) -> Iterator[tuple[Clip, list[str]]]:
        for number in numbers:
            yield self.clip(number)

    def _read(self, number: int, reader: VideoReader, place: Place) -> Clip:
        if place.video not in self._by_dali:
            self._by_dali[place.video] = dali.reads(reader, self._device)
        if not self._by_dali[place.video]:
            return super()._read(number, reader, place)
        first = place.first_frame(reader.frame_count, self._plan.length)
        stop = min(first + self._plan.length, reader.frame_count)
        try:
            frames = list(dali.dali_frames(reader.path, first, stop, self._device))
        except RuntimeError as error:  # DALI's own
            message = f"the GPU could not decode frames {first} to {stop - 1} of {Path(reader.path).name}."
            raise PoseError("video.decoder_error", message) from error
        return self._shown(number, reader, place, first, (frame.permute(2, 0, 1) for frame in frames))
