"""Options of the command line that set fields of a spec."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from tailbase.errors import PoseError
from tailbase.schema import Frozen

Spec = TypeVar("Spec", bound=Frozen)


def add_spec_options(parser: argparse.ArgumentParser, **fields: str) -> None:
    """Adds ``--spec FILE`` and one ``--field-name VALUE`` for each field with its help; the spec checks the values."""
    parser.add_argument("--spec", type=Path, metavar="SPEC.json", help="settings as JSON; the options below win")
    for name, text in fields.items():
        parser.add_argument(f"--{name.replace('_', '-')}", dest=f"spec_{name}", metavar="VALUE", help=text)


def read_spec(args: argparse.Namespace, default: Callable[[], Spec]) -> Spec:
    """The file's spec, or the default one, with what was given on the command line.

    Errors:
        spec.invalid: a value is out of range, a field is unknown, or the file is no JSON.
    """
    start = default()
    values = json.loads(start.model_dump_json()) if args.spec is None else _file(args.spec)
    values |= {name[5:]: value for name, value in vars(args).items() if name.startswith("spec_") and value is not None}
    try:
        return type(start).model_validate(values, strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the settings"
        raise PoseError("spec.invalid", f"{where}: {first['msg']}.") from error


def _file(path: Path) -> dict[str, object]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PoseError("spec.invalid", f"{path.name} cannot be read as JSON ({error}).") from error
    if not isinstance(values, dict):
        raise PoseError("spec.invalid", f"{path.name} must hold one JSON object.")
    return values
