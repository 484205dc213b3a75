"""Opens video files that strangers hand in: local files of known kinds, with limits and with errors to act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tailbase.errors import PoseError
from tailbase.video.signature import claimed_size, looks_like_video, read_head

# Playlists and manifests (hls, dash, concat) make a demuxer open other files and addresses: none is listed.
FORMATS = (
    "mov,mp4,avi,matroska,webm,mpeg,mpegts,mpegvideo,m4v,asf,flv,ogg,mjpeg,h264,hevc,ivf,yuv4mpegpipe,mxf,dv,nut,gif"
)
PROTOCOLS = "file"


@dataclass(frozen=True)
class Limits:
    """The largest video that is opened.

    Attributes:
        max_frames: pictures in the file.
        max_side: pixels of the longer side.
        max_pixels: width times height.
    """

    max_frames: int = 2_000_000
    max_side: int = 16_384
    max_pixels: int = 64_000_000


@dataclass
class Opened:
    """An open file and the video stream in it that is read."""

    container: InputContainer
    stream: VideoStream


@contextmanager
def open_container(path: Path, limits: Limits, threads: int = 0) -> Iterator[Opened]:
    """Open a local video file for reading; `threads` of the decoder, 0 for one a core.

    Raises:
        PoseError: video.not_found, video.empty, video.playlist, video.not_a_video, video.truncated,
            video.no_video_stream, video.too_large, video.decoder_error.
    """
    head = read_head(path)
    if claimed_size(head) > path.stat().st_size:
        raise truncated(path, f"it says that it has {claimed_size(head)} bytes but has {path.stat().st_size}")
    try:
        options = {"format_whitelist": FORMATS, "protocol_whitelist": PROTOCOLS, "max_pixels": str(limits.max_pixels)}
        container = av.open(f"file:{path.resolve()}", options=options)
    except (av.FFmpegError, ValueError) as error:
        raise _unreadable(path, head) from error
    with container:
        stream = _video_stream(container, path)
        check_size(path, stream.codec_context.width, stream.codec_context.height, limits)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}
        yield Opened(container, stream)


def check_size(path: Path, width: int, height: int, limits: Limits) -> None:
    """Refuse a picture beyond the limits before memory is taken for it."""
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise PoseError(
            "video.too_large",
            f"{path.name} is {width}x{height} pixels. The limit is {limits.max_side} a side and {limits.max_pixels} in "
            "all: make it smaller or crop it first.",
        )


def decode_error(path: Path, index: int) -> PoseError:
    return PoseError(
        "video.decoder_error",
        f"Frame {index} of {path.name} cannot be decoded: the file is damaged there. Copy it again from the camera, or "
        "convert it to H.264 in an MP4 file.",
    )


def truncated(path: Path, detail: str) -> PoseError:
    return PoseError(
        "video.truncated",
        f"{path.name} ends too early: {detail}. Copy it again from the camera or upload it again.",
    )


def rotated(frame: VideoFrame) -> int:
    """Quarter turns, counter-clockwise, that bring a picture upright; phones store films lying on their side."""
    return round(frame.rotation / 90) % 4


def _unreadable(path: Path, head: bytes) -> PoseError:
    if looks_like_video(head):
        return truncated(path, "the part that describes the film is missing or damaged")
    return PoseError(
        "video.not_a_video",
        f"{path.name} is not a video that can be read. MP4, MOV, AVI, MKV, WebM and MPEG files can.",
    )


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first real video stream; the cover picture of a sound file is none."""
    for stream in container.streams.video:
        if stream.disposition & Disposition.attached_pic:
            continue
        if stream.codec_context is None:
            raise PoseError(
                "video.decoder_error",
                f"{path.name} is stored in a way that cannot be decoded here. Convert it to H.264 in an MP4 file.",
            )
        return stream
    raise PoseError("video.no_video_stream", f"{path.name} has no pictures in it, only sound or data.")
