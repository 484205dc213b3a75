"""Makes the copy of a video that a browser plays and seeks exactly: one proxy frame for each frame of the source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from tailbase.errors import PoseError
from tailbase.video.reader import VideoReader, open_video

MAX_WIDTH = 1280
KEY_INTERVAL = 15
QUALITY = 23

# No B-frames and a key frame every half second: seeking to the middle of a frame is then exact and fast in browsers.
_ENCODER = {"preset": "veryfast", "crf": str(QUALITY), "bf": "0", "sc_threshold": "0", "keyint_min": str(KEY_INTERVAL)}


@dataclass(frozen=True)
class ProxyFacts:
    """A finished proxy: counted frames, pixels, frames a second, bytes."""

    frame_count: int
    width: int
    height: int
    fps: Fraction
    size_bytes: int


def make_proxy(source: Path, target: Path, tell: Callable[[int, int], None] | None = None) -> ProxyFacts:
    """Write `target`: MP4, H.264, yuv420p, constant rate, at most 1280 pixels wide, header first.

    A varying frame rate becomes its mean: frame i lies at i / fps, so that the frame number follows from the time.

    Args:
        source: any video that `open_video` reads.
        target: replaced only when the proxy is complete.
        tell: called with the frames done and all frames.

    Raises:
        PoseError: codes video.*; video.proxy_differs where the proxy does not have the frames of the source.
    """
    partial = target.with_name(f"{target.name}.partial")
    try:
        with open_video(source) as video:
            width, height = proxy_size(video.width, video.height)
            _encode(video, partial, (width, height), tell or (lambda _done, _total: None))
            _verify(video, partial)
            fps = video.fps
            count = video.frame_count
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return ProxyFacts(count, width, height, fps, target.stat().st_size)


def proxy_size(width: int, height: int) -> tuple[int, int]:
    """Even sides, in proportion, at most 1280 wide."""
    scale = min(1.0, MAX_WIDTH / width)
    return max(2, int(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)


def _encode(video: VideoReader, target: Path, size: tuple[int, int], tell: Callable[[int, int], None]) -> None:
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=video.fps, options=_ENCODER)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = KEY_INTERVAL
        stream.codec_context.time_base = 1 / video.fps
        for i, picture in enumerate(_scaled(video, size)):
            if i == 0:
                _copy_colour(picture, stream)
            picture.pts = i
            picture.time_base = 1 / video.fps
            picture.pict_type = PictureType.NONE
            container.mux(stream.encode(picture))
            if i % 32 == 0:
                tell(i, video.frame_count)
        container.mux(stream.encode(None))
    tell(video.frame_count, video.frame_count)


def _scaled(video: VideoReader, size: tuple[int, int]) -> Iterator[VideoFrame]:
    """Upright pictures of the proxy's size; the way over RGB is taken only where pictures must be turned."""
    width, height = size
    scaler = VideoReformatter()
    upright = (VideoFrame.from_ndarray(image) for image in video.frames()) if video.turns else video.pictures()
    for picture in upright:
        yield scaler.reformat(
            picture,
            width=width,
            height=height,
            format="yuv420p",
            interpolation=Interpolation.AREA,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )


def _copy_colour(picture: VideoFrame, stream: VideoStream) -> None:
    """Name the colours that the pixels are in, or browsers guess them from the height."""
    context = stream.codec_context
    context.color_range = ColorRange.MPEG
    context.colorspace = picture.colorspace
    context.color_primaries = picture.color_primaries
    context.color_trc = picture.color_trc


def _verify(video: VideoReader, proxy: Path) -> None:
    with open_video(proxy) as copy:
        if copy.frame_count != video.frame_count or copy.index.variable_rate:
            raise PoseError(
                "video.proxy_differs",
                f"The copy of {video.path.name} for the browser has {copy.frame_count} frames instead of "
                f"{video.frame_count}. Convert the video to H.264 in an MP4 file and try again.",
            )
