"""Images that several cameras took at one moment belong together."""

import pytest

from tailbase.errors import PoseError
from tailbase.schema import ImageRef
from tailbase.training.moments import moments

VIEWS = ("left", "right", "top")


def _image(recording: str | None, view: str | None, frame: int | None, name: str = "img.png") -> ImageRef:
    return ImageRef(path=f"{recording}_{view}/{name}", recording=recording, view=view, frame_index=frame)


def test_images_of_one_recording_and_frame_are_one_row_in_the_order_of_the_views() -> None:
    images = [
        _image("monday", "top", 4), _image("monday", "left", 4), _image("tuesday", "left", 4),
        _image("monday", "right", 4), _image("monday", "left", 5),
    ]  # fmt: skip
    assert moments(images, VIEWS) == [(1, 3, 0), (2, None, None), (4, None, None)]


def test_without_a_frame_number_equal_file_names_belong_together() -> None:
    images = [
        _image("monday", "left", None, "img01.png"),
        _image("monday", "right", None, "img02.png"),
        _image("monday", "right", None, "img01.png"),
    ]
    assert moments(images, VIEWS[:2]) == [(0, 2), (None, 1)]


@pytest.mark.parametrize("image", [_image(None, "left", 1), _image("monday", None, 1), _image("monday", "front", 1)])
def test_an_image_without_recording_or_with_an_unknown_view_is_refused(image: ImageRef) -> None:
    with pytest.raises(PoseError, match="left, right, top") as refused:
        moments([image], VIEWS)
    assert refused.value.code == "labels.no_views"


def test_two_images_of_one_camera_and_moment_are_refused() -> None:
    with pytest.raises(PoseError, match="Remove one") as refused:
        moments([_image("monday", "left", 4, "a.png"), _image("monday", "left", 4, "b.png")], VIEWS)
    assert refused.value.code == "labels.same_view_twice"
