"""The outcome of a command for a person to read: names with their values, and tables where things are alike."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_INDENT = "  "


def show(console: Console, values: Mapping[str, Any]) -> None:
    """Print it; nothing is left out."""
    for part in _parts(values, ""):
        console.print(part, soft_wrap=True)


def _parts(values: Mapping[str, Any], indent: str) -> Iterator[RenderableType]:
    for name, value in values.items():
        if _is_plain(value):
            yield Text(f"{indent}{name}: {_told(value)}")
            continue
        yield Text(f"{indent}{name}:")
        inside = indent + _INDENT
        if (rows := _rows(value)) is not None:
            yield Padding(_table(rows), (0, 0, 0, len(inside)), expand=False)
        else:
            parts = value if isinstance(value, Mapping) else {str(n): one for n, one in enumerate(value, start=1)}
            yield from _parts(parts, inside)


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return not value
    return isinstance(value, str) or not isinstance(value, Sequence) or all(map(_is_single, value))


def _is_single(value: Any) -> bool:
    return isinstance(value, str) or not isinstance(value, Mapping | Sequence)


def _told(value: Any) -> str:
    if value is None or (not _is_single(value) and not value):
        return "none"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return str(value) if _is_single(value) else " ".join(map(_told, value))


def _rows(value: Any) -> list[Mapping[str, Any]] | None:
    """Of things that have single values, and the same ones; None where they are not alike."""
    named = isinstance(value, Mapping)
    things = [{"": name, **one} for name, one in value.items() if isinstance(one, Mapping)] if named else list(value)
    if len(things) != len(value) or not all(isinstance(one, Mapping) for one in things):
        return None
    alike = all(one.keys() == things[0].keys() for one in things)
    return things if alike and all(_is_single(single) for one in things for single in one.values()) else None


def _table(rows: list[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="left" if isinstance(rows[0][name], str) else "right")
    for row in rows:
        table.add_row(*(Text(_told(value)) for value in row.values()))
    return table
