"""Reads frames by their number, exactly, whatever the codec does with their order and times."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from tailbase.video.container import Limits, Opened, check_size, decode_error, open_container, rotated
from tailbase.video.index import FrameIndex, build_index

Image = NDArray[np.uint8]


def open_video(path: Path | str, *, threads: int = 0, limits: Limits | None = None) -> "VideoReader":
    """Open a video file and list its frames (one pass over the file, without decoding where the container allows it).

    Args:
        path: a local file.
        threads: of the decoder; 0 for one a core.
        limits: what is refused as too large.

    Raises:
        PoseError: video.* as listed in `tailbase.video.container` and `tailbase.video.index`.
    """
    return VideoReader(Path(path), threads, limits or Limits())


class VideoReader:
    """An open video; use as a context manager.

    Attributes:
        frame_count: pictures, counted.
        width, height: pixels of an upright picture.
        fps: frames a second as a fraction, the mean where the rate varies.
        times: float64, shape (frame,), seconds since the first frame.
        index: where each frame lies.
        turns: quarter turns, counter-clockwise, that bring a stored picture upright.
    """

    def __init__(self, path: Path, threads: int, limits: Limits) -> None:
        self.path = path
        self._threads = threads
        self._limits = limits
        with open_container(path, limits, threads) as opened:
            self.index: FrameIndex = build_index(opened, path, limits)
            self.codec: str = opened.stream.codec_context.name
            self.pixel_format: str = opened.stream.codec_context.pix_fmt or "unknown"
        self._cursor = self._decode(0)
        self._next = 0
        self._convert = _Converter()
        first = self._seek(0)
        check_size(path, first.width, first.height, limits)
        self.turns = rotated(first)
        self.width, self.height = (first.height, first.width) if self.turns % 2 else (first.width, first.height)

    @property
    def frame_count(self) -> int:
        return self.index.frame_count

    @property
    def fps(self) -> Fraction:
        return self.index.fps

    @property
    def times(self) -> NDArray[np.float64]:
        return self.index.times

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._cursor.close()

    def frames(
        self, start: int = 0, stop: int | None = None, size: tuple[int, int] | None = None, out: Image | None = None
    ) -> Iterator[Image]:
        """The frames `start` to `stop` - 1, one after the other, independent of other reads.

        Args:
            start: first frame number.
            stop: one behind the last; None for the end of the video.
            size: (width, height) to scale to; None for that of the video.
            out: uint8, shape (slot, height, width, 3), reused in turn; None to give each frame its own memory.

        Yields:
            uint8, shape (height, width, 3), red, green, blue.

        Raises:
            PoseError: video.decoder_error where the file is damaged.
        """
        stop = self.frame_count if stop is None else stop
        self._check(start, stop - 1)
        convert = _Converter()
        with closing(self._decode(start)) as pictures:
            for i, picture in pictures:
                slot = None if out is None else out[(i - start) % len(out)]
                yield convert(picture, self._upright(size), self.turns, slot)
                if i == stop - 1:
                    return

    def pictures(self) -> Iterator[VideoFrame]:
        """All frames in order as the decoder gives them: in the pixel format of the file, before `turns`."""
        with closing(self._decode(0)) as pictures:
            for _, picture in pictures:
                yield picture

    def frame(self, index: int, size: tuple[int, int] | None = None) -> Image:
        """One frame, uint8, shape (height, width, 3); frames asked for in ascending order are fastest."""
        self._check(index, index)
        return self._convert(self._seek(index), self._upright(size), self.turns, None)

    def frames_at(self, indices: Iterable[int], size: tuple[int, int] | None = None) -> Iterator[tuple[int, Image]]:
        """The given frames with their numbers, in ascending order, each once."""
        for index in sorted(set(indices)):
            yield index, self.frame(index, size)

    def _check(self, first: int, last: int) -> None:
        if not 0 <= first <= last < self.frame_count:
            raise IndexError(f"frames {first} to {last} are not within 0 to {self.frame_count - 1}")

    def _upright(self, size: tuple[int, int] | None) -> tuple[int, int]:
        """The size to scale a stored picture to, before it is turned upright."""
        width, height = size or (self.width, self.height)
        return (height, width) if self.turns % 2 else (width, height)

    def _seek(self, index: int) -> VideoFrame:
        if not self._next <= index < self._restart_after(self._next):
            self._cursor.close()
            self._cursor = self._decode(index)
        for position, frame in self._cursor:
            self._next = position + 1
            if position == index:
                return frame
        raise decode_error(self.path, index)

    def _restart_after(self, position: int) -> int:
        """The first frame that is reached faster by a jump than by decoding on from `position`."""
        if self.index.counted:
            return self.frame_count
        keys = self.index.key_frames
        behind = keys[np.searchsorted(keys, position, side="right") :]
        return int(behind[0]) if len(behind) else self.frame_count

    def _decode(self, start: int) -> Generator[tuple[int, VideoFrame], None, None]:
        """Frames and their numbers from `start` on, none left out."""
        expected = start
        try:
            for position, frame in self._count_from_zero() if self.index.counted else self._number_by_time(start):
                if position < expected:
                    continue
                if position > expected:
                    raise decode_error(self.path, expected)
                yield position, frame
                expected += 1
        except av.FFmpegError as error:
            raise decode_error(self.path, expected) from error
        if expected < self.frame_count:
            raise decode_error(self.path, expected)

    def _count_from_zero(self) -> Iterator[tuple[int, VideoFrame]]:
        with open_container(self.path, self._limits, self._threads) as opened:
            yield from enumerate(opened.container.decode(opened.stream))

    def _number_by_time(self, start: int) -> Iterator[tuple[int, VideoFrame]]:
        """Pictures from a key picture before `start`, or from the beginning where a jump lands too late."""
        for jump in (True, False):
            with open_container(self.path, self._limits, self._threads) as opened:
                if jump:
                    self._jump(opened, start)
                pictures = self._shown(opened)
                first = next(pictures, None)
                if first is not None and (first[0] <= start or not jump):
                    yield first
                    yield from pictures
                    return

    def _shown(self, opened: Opened) -> Iterator[tuple[int, VideoFrame]]:
        stamps = self.index.stamps
        for frame in opened.container.decode(opened.stream):
            stamp = -1 if frame.pts is None else frame.pts
            position = int(np.searchsorted(stamps, stamp))
            # A picture at a time that no packet had is one that an edit list hides.
            if position < len(stamps) and stamps[position] == stamp:
                yield position, frame

    def _jump(self, opened: Opened, start: int) -> None:
        """Place the file at a packet from which frame `start` can be decoded.

        Pictures that follow a key picture in the file but are shown before it need the key picture before, hence
        the search by the time of showing.
        """
        keys = np.flatnonzero(self.index.key_stamps <= self.index.stamps[start])
        if len(keys) and keys[-1] > 0:
            # The first picture of an H.264 file names its encoder, and decoders correct for the faults of old ones
            # (x264 in 4:4:4 gives noise otherwise): it is decoded before a jump.
            next(opened.container.decode(opened.stream), None)
            opened.container.seek(int(self.index.key_seeks[keys[-1]]), stream=opened.stream)


class _Converter:
    """Turns decoded pictures into RGB arrays; keeps the scaler's tables between frames."""

    def __init__(self) -> None:
        self._reformat = VideoReformatter()

    def __call__(self, frame: VideoFrame, size: tuple[int, int], turns: int, out: Image | None) -> Image:
        width, height = size
        picture = self._reformat.reformat(
            frame, width=width, height=height, format="rgb24", interpolation=Interpolation.AREA, threads=1
        )
        plane = picture.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        image: Image = np.rot90(rows[:height, : width * 3].reshape(height, width, 3), turns)
        if out is None:
            return image.copy()
        np.copyto(out, image)
        return out
