"""A skeleton as JSON."""

from pathlib import Path

from pydantic import ValidationError

from tailbase.errors import PoseError
from tailbase.formats.atomic import write_text
from tailbase.schema import Skeleton

MAX_BYTES = 1_000_000


def write_skeleton(skeleton: Skeleton, path: Path) -> None:
    write_text(path, skeleton.model_dump_json(indent=2) + "\n")


def read_skeleton(path: Path) -> Skeleton:
    """Raises `skeleton.invalid` with what is wrong."""
    if path.stat().st_size > MAX_BYTES:
        raise PoseError("skeleton.invalid", f"{path.name} is larger than {MAX_BYTES:,} bytes.")
    try:
        return Skeleton.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise PoseError("skeleton.invalid", f"{path.name}: {error.errors()[0]['msg']}.") from error
