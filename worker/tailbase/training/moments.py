"""Labelled images of one moment, filmed by several cameras, brought together."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from tailbase.errors import PoseError
from tailbase.schema import ImageRef

Moment = tuple[int | None, ...]
"""Position of each view's image; None where a camera has no labelled image of the moment."""


def moments(images: Sequence[ImageRef], views: Sequence[str]) -> list[Moment]:
    """One row for each moment of which at least one view is labelled, in the order of their first images.

    Images belong together that have the same recording and frame number or, where the number is unknown, the same file
    name, as projects of several cameras name them.

    Args:
        views: the cameras, in the order that the network looks at them.

    Errors:
        labels.no_views: an image does not tell its recording, or its view is not one of these.
        labels.same_view_twice: two images of one moment come from one camera.
    """
    found: dict[tuple[str, int | str], list[int | None]] = {}
    for position, image in enumerate(images):
        row = found.setdefault(_moment(image, views), [None] * len(views))
        column = views.index(str(image.view))
        if row[column] is not None:
            message = (
                f"{image.path} shows a moment that another image of the view {image.view} shows already. Remove one."
            )
            raise PoseError("labels.same_view_twice", message)
        row[column] = position
    return [tuple(row) for row in found.values()]


def _moment(image: ImageRef, views: Sequence[str]) -> tuple[str, int | str]:
    if image.recording is None or image.view not in views:
        message = (
            f"{image.path} does not tell which recording and camera it comes from, so it cannot be brought together "
            f"with the other views of its moment. Give its video a recording and one of the views {', '.join(views)}."
        )
        raise PoseError("labels.no_views", message)
    number = image.frame_index
    return image.recording, PurePosixPath(image.path).name if number is None else number
