"""Where labelling programs put the frames before and after a labelled one."""

import re
from pathlib import PurePath
from typing import TypeVar

AnyPath = TypeVar("AnyPath", bound=PurePath)

_LAST_NUMBER = re.compile(r"(\d+)(?=\D*$)")


def neighbour_path(path: AnyPath, offset: int) -> AnyPath | None:
    """`img00000012.png` for `img00000010.png` and offset 2; None for a name without a number, and before frame 0."""
    number = _LAST_NUMBER.search(path.stem)
    if number is None or int(number[1]) + offset < 0:
        return None
    digits = str(int(number[1]) + offset).zfill(len(number[1]))
    return path.with_name(path.stem[: number.start()] + digits + path.stem[number.end() :] + path.suffix)
