"""Which frames a video holds, at what times, and where decoding can start: what a header says is never believed."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av
import numpy as np
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.video.container import Limits, Opened, open_container, truncated

# Where one packet is one picture and the container stores when it is shown, reading the packets is enough to count.
# Elsewhere (hidden VP8 pictures, packed MPEG-4 in AVI, raw streams) only decoding tells.
_TIMED_CONTAINERS = frozenset({"mov", "matroska"})
_ONE_PACKET_ONE_FRAME = frozenset({"h264", "hevc", "av1", "libdav1d", "vp9", "mpeg4"})
_INTRA_ONLY = frozenset(
    {"mjpeg", "rawvideo", "ffv1", "huffyuv", "ffvhuff", "utvideo", "prores", "dnxhd", "png", "dvvideo"}
)
_HEADERS_WITH_DURATION = frozenset({"matroska", "avi", "flv", "asf"})


@dataclass(frozen=True)
class FrameIndex:
    """The frames of a video in the order in which they are shown.

    Attributes:
        stamps: int64, shape (frame,), presentation times in units of `time_base`, strictly increasing.
        time_base: seconds a unit.
        key_stamps: int64, shape (key,), presentation times where decoding can start, in the order of the file.
        key_seeks: int64, shape (key,), what to seek to in order to land there.
        counted: True where frames are known by their number after decoding from the beginning, because the file has
            no times that can be relied on.
        fps: frames a second; the mean where the rate varies.
        variable_rate: True where times are not evenly spaced.
    """

    stamps: NDArray[np.int64]
    time_base: Fraction
    key_stamps: NDArray[np.int64]
    key_seeks: NDArray[np.int64]
    counted: bool
    fps: Fraction
    variable_rate: bool

    @property
    def frame_count(self) -> int:
        return len(self.stamps)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """Seconds since the first frame, shape (frame,)."""
        return np.asarray((self.stamps - self.stamps[0]) * float(self.time_base), np.float64)

    @cached_property
    def key_frames(self) -> NDArray[np.int64]:
        """Frame numbers where decoding can start, ascending."""
        return np.unique(np.searchsorted(self.stamps, self.key_stamps).clip(0, self.frame_count - 1))


@dataclass
class _Packets:
    """What one pass over the packets finds."""

    stamps: list[int]
    keys: list[tuple[int, int]]
    untimed: bool = False
    last_broken: bool = False
    end: Fraction = Fraction(0)


def build_index(opened: Opened, path: Path, limits: Limits) -> FrameIndex:
    """Read the whole open file once and list its frames.

    Raises:
        PoseError: video.truncated, video.too_many_frames, video.decoder_error, video.no_video_stream.
    """
    packets = _read_packets(opened, path, limits)
    _refuse_truncated(opened, path, packets)
    stamps = np.array(sorted(packets.stamps), np.int64)
    counted = packets.untimed or not _packets_tell(opened) or len(np.unique(stamps)) != len(stamps)
    keys: list[tuple[int, int]] = packets.keys
    if counted:
        stamps, keys = _decode_stamps(path, limits), []
    if not len(stamps):
        raise PoseError("video.no_video_stream", f"{path.name} has no pictures in it.")
    time_base = Fraction(opened.stream.time_base or Fraction(1, 1_000_000))
    fps, variable = _rate(stamps, time_base, opened)
    if counted and not _increasing(stamps):
        stamps, time_base, variable = np.arange(len(stamps), dtype=np.int64), 1 / fps, False
    key_array = np.array(keys, np.int64).reshape(-1, 2)
    return FrameIndex(stamps, time_base, key_array[:, 0], key_array[:, 1], counted, fps, variable)


def _read_packets(opened: Opened, path: Path, limits: Limits) -> _Packets:
    found = _Packets([], [])
    seek_by_decoding_time = "mov" in opened.container.format.name
    try:
        for packet in opened.container.demux():
            _note_end(found, packet)
            if packet.stream.index != opened.stream.index or not packet.size:
                continue
            found.last_broken = packet.is_corrupt
            if packet.pts is None:
                found.untimed = True
                continue
            if not packet.is_discard:
                found.stamps.append(packet.pts)
            if packet.is_keyframe:
                decoding = packet.pts if packet.dts is None else packet.dts
                found.keys.append((packet.pts, decoding if seek_by_decoding_time else packet.pts))
            _refuse_too_many(len(found.stamps), path, limits)
    except av.FFmpegError as error:
        raise truncated(path, "reading stops in the middle of it") from error
    return found


def _note_end(found: _Packets, packet: "Packet[Stream]") -> None:
    if packet.pts is not None and packet.time_base is not None:
        found.end = max(found.end, (packet.pts + (packet.duration or 0)) * packet.time_base)


def _refuse_too_many(count: int, path: Path, limits: Limits) -> None:
    if count > limits.max_frames:
        raise PoseError(
            "video.too_many_frames",
            f"{path.name} has more than {limits.max_frames} frames, which is the limit: cut it into shorter files.",
        )


def _refuse_truncated(opened: Opened, path: Path, packets: _Packets) -> None:
    size = path.stat().st_size
    names = opened.container.format.name.split(",")
    if packets.last_broken:
        raise truncated(path, "its last frame is cut off")
    if "mov" in names and any(entry.pos + entry.size > size for entry in opened.stream.index_entries):
        raise truncated(path, "its table of contents lists frames behind the end of the file")
    duration = Fraction(opened.container.duration or 0, 1_000_000)
    if _HEADERS_WITH_DURATION & set(names) and duration > packets.end * Fraction(102, 100) + 1:
        raise truncated(path, f"it should be {float(duration):.1f} s long but has {float(packets.end):.1f} s")


def _packets_tell(opened: Opened) -> bool:
    codec = opened.stream.codec_context.name
    timed = _TIMED_CONTAINERS & set(opened.container.format.name.split(","))
    return codec in _INTRA_ONLY or bool(timed and codec in _ONE_PACKET_ONE_FRAME)


def _decode_stamps(path: Path, limits: Limits) -> NDArray[np.int64]:
    stamps: list[int] = []
    for frame in _decode_all(path, limits):
        stamps.append(len(stamps) if frame.pts is None else frame.pts)
        _refuse_too_many(len(stamps), path, limits)
    return np.array(stamps, np.int64)


def _decode_all(path: Path, limits: Limits) -> Iterator[VideoFrame]:
    try:
        with open_container(path, limits) as opened:
            yield from opened.container.decode(opened.stream)
    except av.FFmpegError as error:
        raise PoseError(
            "video.decoder_error", f"{path.name} is damaged and cannot be decoded to its end. Copy or convert it again."
        ) from error


def _increasing(stamps: NDArray[np.int64]) -> bool:
    return bool(np.all(np.diff(stamps) > 0))


def _rate(stamps: NDArray[np.int64], time_base: Fraction, opened: Opened) -> tuple[Fraction, bool]:
    """Frames a second, and whether the rate varies; a rate in the header counts only where the times bear it out."""
    nominal = [Fraction(r) for r in (opened.stream.guessed_rate, opened.stream.average_rate) if r]
    if len(stamps) < 2 or not _increasing(stamps):
        return (nominal[0] if nominal else Fraction(25)), False
    span = int(stamps[-1] - stamps[0]) * time_base
    mean = Fraction((len(stamps) - 1) / span)
    # Times are rounded to the container's unit, at both ends.
    tolerance = max(2 * float(time_base), 0.02 / float(mean))
    seconds = (stamps - stamps[0]) * float(time_base)
    for rate in (*nominal, mean.limit_denominator(1001), mean):
        if np.abs(seconds - np.arange(len(stamps)) / float(rate)).max() <= tolerance:
            return rate, False
    return mean.limit_denominator(100_000), True
