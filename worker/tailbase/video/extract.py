"""Takes exact still images out of a video: the frames to label, their neighbours in time, and thumbnails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Picture

from tailbase.errors import PoseError
from tailbase.video.reader import Image, VideoReader, open_video

THUMBNAIL_WIDTH = 256
MAX_IMAGES = 20_000


@dataclass(frozen=True)
class Neighbour:
    """An image `offset` frames later (earlier where negative)."""

    offset: int
    image: str


@dataclass(frozen=True)
class Still:
    """One extracted frame; file names are relative to the folder."""

    index: int
    image: str
    thumbnail: str
    width: int
    height: int
    context: tuple[Neighbour, ...]


def extract(
    source: Path, indices: Sequence[int], folder: Path, context: int = 2, tell: Callable[[int, int], None] | None = None
) -> list[Still]:
    """Write the frames `indices` and up to `context` neighbours on each side as PNG, and JPEG thumbnails.

    Args:
        source: the video.
        indices: frame numbers; each is written once.
        folder: made where it is missing; files are img00000003.png and thumb00000003.jpg.
        context: neighbours on each side; those outside the video are left out.
        tell: called with the images done and all images.

    Returns:
        One entry a frame, ascending.

    Raises:
        PoseError: frames.outside_video, frames.too_many, and codes video.*.
    """
    with open_video(source) as video:
        wanted = sorted(set(indices))
        _check(video, wanted, context)
        folder.mkdir(parents=True, exist_ok=True)
        needed = sorted({j for i in wanted for j in _around(i, context, video.frame_count)})
        labelled = frozenset(wanted)
        for done, (index, image) in enumerate(video.frames_at(needed), start=1):
            _save_png(image, folder / image_name(index))
            if index in labelled:
                _save_thumbnail(image, folder / thumbnail_name(index))
            if tell is not None:
                tell(done, len(needed))
        return [_still(video, i, context) for i in wanted]


def image_name(index: int) -> str:
    return f"img{index:08d}.png"


def thumbnail_name(index: int) -> str:
    return f"thumb{index:08d}.jpg"


def _around(index: int, context: int, frame_count: int) -> range:
    return range(max(0, index - context), min(frame_count, index + context + 1))


def _check(video: VideoReader, wanted: Sequence[int], context: int) -> None:
    outside = [i for i in wanted if not 0 <= i < video.frame_count]
    if outside:
        raise PoseError(
            "frames.outside_video",
            f"{video.path.name} has frames 0 to {video.frame_count - 1}; there is no frame {outside[0]}.",
        )
    if len(wanted) * (2 * context + 1) > MAX_IMAGES:
        raise PoseError("frames.too_many", f"At most {MAX_IMAGES} images are written at once; ask for fewer frames.")


def _save_png(image: Image, path: Path) -> None:
    Picture.fromarray(image).save(path, "PNG", compress_level=3)


def _save_thumbnail(image: Image, path: Path) -> None:
    picture = Picture.fromarray(image)
    picture.thumbnail((THUMBNAIL_WIDTH, THUMBNAIL_WIDTH * 4), Picture.Resampling.BOX)
    picture.save(path, "JPEG", quality=82)


def _still(video: VideoReader, index: int, context: int) -> Still:
    around = _around(index, context, video.frame_count)
    neighbours = tuple(Neighbour(j - index, image_name(j)) for j in around if j != index)
    return Still(index, image_name(index), thumbnail_name(index), video.width, video.height, neighbours)
