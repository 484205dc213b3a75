"""Says what a video file really holds, or why it cannot be used."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from tailbase.errors import PoseError
from tailbase.video.container import Limits, truncated
from tailbase.video.reader import VideoReader, open_video

POSTER_WIDTH = 480


@dataclass(frozen=True)
class VideoFacts:
    """What a video holds.

    Attributes:
        frame_count: pictures, counted.
        fps: frames a second as a fraction; the mean where the rate varies.
        width, height: pixels of an upright picture.
        duration_s: from the first frame to the end of the last.
        codec, pixel_format: in FFmpeg's words.
        sha256, size_bytes: of the file.
        variable_rate: True where frames are not evenly spaced.
        first_pts_s: the container's time of the first frame, in seconds.
        times: float64, shape (frame,), seconds since the first frame.
    """

    frame_count: int
    fps: Fraction
    width: int
    height: int
    duration_s: float
    codec: str
    pixel_format: str
    sha256: str
    size_bytes: int
    variable_rate: bool
    first_pts_s: float
    times: NDArray[np.float64]


def probe(path: Path, limits: Limits | None = None, poster: Path | None = None) -> VideoFacts:
    """Read the file once, decode its first and its last frame, and report.

    Args:
        path: a local file.
        limits: what is refused as too large.
        poster: where to write a JPEG of the first frame, at most 480 pixels wide; None for none.

    Raises:
        PoseError: codes video.*; see `tailbase.video.container` and `tailbase.video.index`.
    """
    with open_video(path, limits=limits) as video:
        if poster is not None:
            save_jpeg(video, 0, poster, POSTER_WIDTH)
        _check_last_frame(video)
        index = video.index
        return VideoFacts(
            frame_count=video.frame_count,
            fps=video.fps,
            width=video.width,
            height=video.height,
            duration_s=float(video.times[-1] + 1 / video.fps),
            codec=video.codec,
            pixel_format=video.pixel_format,
            sha256=_sha256(path),
            size_bytes=path.stat().st_size,
            variable_rate=index.variable_rate,
            first_pts_s=float(index.stamps[0] * index.time_base),
            times=video.times,
        )


def save_jpeg(video: VideoReader, index: int, path: Path, max_width: int) -> None:
    """One frame as a JPEG of at most `max_width` pixels, in its proportions."""
    width = min(max_width, video.width)
    height = max(1, round(video.height * width / video.width))
    Picture.fromarray(video.frame(index, (width, height))).save(path, "JPEG", quality=85)


def _check_last_frame(video: VideoReader) -> None:
    try:
        video.frame(video.frame_count - 1)
    except PoseError as error:
        if error.code != "video.decoder_error":
            raise
        raise truncated(video.path, "its last pictures cannot be decoded") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
