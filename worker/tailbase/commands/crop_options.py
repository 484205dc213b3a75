"""Crops of videos and images on the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from tailbase.errors import PoseError
from tailbase.schema import Crop

if TYPE_CHECKING:
    from tailbase.schema import Labels


def read_crops(words: Sequence[str]) -> dict[str, Crop]:
    """From words like ``NAME=x,y,width,height``.

    Errors:
        spec.invalid.
    """
    crops = {}
    for word in words:
        name, _, numbers = word.rpartition("=")
        if not name:
            message = f"{word} does not say what is cropped. Write NAME=x,y,width,height."
            raise PoseError("spec.invalid", message)
        try:
            crops[name] = Crop.model_validate(numbers, strict=False)
        except ValidationError as error:
            raise PoseError("spec.invalid", f"The crop of {name}: {error.errors()[0]['msg']}.") from error
    return crops


def cropped(labels: "Labels", crops: Mapping[str, Crop]) -> "Labels":
    """The labels, their images cropped as the videos that they come from; the others as they are."""
    images = tuple(
        ref.model_copy(update={"crop": crop}) if (crop := crops.get(ref.video or "")) else ref for ref in labels.images
    )
    return replace(labels, images=images)


def read_crop_file(path: Path) -> dict[str, Crop]:
    """A JSON object of crops by the path of their image.

    Errors:
        spec.invalid.
    """
    try:
        return TypeAdapter(dict[str, Crop]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        message = f'{path.name} is no list of crops like {{"img1.png": "x,y,width,height"}}.'
        raise PoseError("spec.invalid", message) from error
