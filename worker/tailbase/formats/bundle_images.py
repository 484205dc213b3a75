"""What a browser shows of an imported image: a file it understands, a thumbnail, and the size."""

from pathlib import Path
from typing import Any

from PIL import Image

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing
from tailbase.formats.images import read_image

SHOWN_AS_THEY_ARE = frozenset({".png", ".jpg", ".jpeg"})
THUMBNAIL_PIXELS = 256


def browser_image(path: str, folder: Path) -> dict[str, Any] | None:
    """The image `folder`/images/`path`: paths relative to `folder`, width and height; None where it is damaged.

    Other formats than PNG and JPEG get a PNG beside them.
    """
    try:
        picture = Image.fromarray(read_image(folder / "images" / path))
    except PoseError:
        return None
    file = Path("images", path)
    if file.suffix.lower() not in SHOWN_AS_THEY_ARE:
        file = file.with_name(f"{file.name}.png")
        with replacing(folder / file) as part:
            picture.save(part, format="PNG")
    thumbnail = Path("thumbnails", f"{path}.jpg")
    small = picture.copy()
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS * 4), Image.Resampling.BOX)
    with replacing(folder / thumbnail) as part:
        small.save(part, format="JPEG", quality=85)
    return {
        "file": file.as_posix(), "thumbnail": thumbnail.as_posix(), "width": picture.width, "height": picture.height,
    }  # fmt: skip
