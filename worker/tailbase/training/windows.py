"""Labelled frames among their neighbours, for networks that look at several frames: from image files, or the video."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from jaxtyping import UInt8
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.formats.neighbours import neighbour_path
from tailbase.schema import ImageRef
from tailbase.video.reader import VideoReader, open_video

Image = UInt8[Tensor, "3 height width"]

_SAME_PICTURE = 12.0
"""Grey levels that a labelled image may differ on average from the frame it is said to be; another film's differs by
more, compression by less."""


class Neighbours:
    """Finds the frames around labelled ones; a context manager, which holds the video read last open.

    Args:
        read: gives the image of a file.
        reach: frames looked for on both sides.
        videos: by name without folder and extension, as labels name them.
    """

    def __init__(self, read: Callable[[Path], Image], reach: int, videos: Mapping[str, Path]) -> None:
        self._read = read
        self._reach = reach
        self._videos = videos
        self._open: tuple[str, VideoReader] | None = None
        self._unusable: set[str] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def window(
        self, path: Path, ref: ImageRef, middle: Image, shaped: Callable[[Image], Image]
    ) -> UInt8[Tensor, "window 3 height width"]:
        """The image with its neighbours in order; where one is not to be had, the nearest one towards the middle.

        Args:
            middle: at the input's size. shaped: brings a picture there.
        """
        sides = []
        for direction in (-1, 1):
            nearest, side = middle, []
            for distance in range(1, self._reach + 1):
                found = self._neighbour(path, ref, middle, direction * distance, shaped)
                nearest = nearest if found is None else found
                side.append(nearest)
            sides.append(side)
        return torch.stack([*sides[0][::-1], middle, *sides[1]])

    def _neighbour(
        self, path: Path, ref: ImageRef, middle: Image, offset: int, shaped: Callable[[Image], Image]
    ) -> Image | None:
        file = neighbour_path(path, offset)
        if file is not None and file.is_file():
            return shaped(self._read(file))
        reader = self._reader(ref, middle, shaped)
        number = (ref.frame_index or 0) + offset
        if reader is None or not 0 <= number < reader.frame_count:
            return None
        return self._frame(reader, number, shaped)

    def _frame(self, reader: VideoReader, number: int, shaped: Callable[[Image], Image]) -> Image | None:
        try:
            frame = torch.from_numpy(reader.frame(number)).permute(2, 0, 1)
        except PoseError:  # damaged there; elsewhere it may be whole
            return None
        return shaped(frame)

    def _reader(self, ref: ImageRef, middle: Image, shaped: Callable[[Image], Image]) -> VideoReader | None:
        """The image's video, if it is at hand and shows that picture at that frame."""
        if ref.video is None or ref.frame_index is None or ref.video in self._unusable:
            return None
        if self._open is None or self._open[0] != ref.video:
            self._stack.close()
            self._open = self._opened(ref.video)
        if self._open is None or ref.frame_index >= self._open[1].frame_count:
            return None
        shown = self._frame(self._open[1], ref.frame_index, shaped)
        if shown is None or float((shown.float() - middle.float()).abs().mean()) > _SAME_PICTURE:
            return None
        return self._open[1]

    def _opened(self, name: str) -> tuple[str, VideoReader] | None:
        try:
            return name, self._stack.enter_context(open_video(self._videos[name]))
        except (KeyError, PoseError):
            self._unusable.add(name)
            return None
