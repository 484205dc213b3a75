"""File-name patterns: ``{session}_{animal}_{view}`` reads the fields of a recording out of a file's name.

Literal text stands for itself, ``{field}`` for one or more characters, ``*`` for any number. A field ends at the first
place where the following text fits. Matching is linear in the length of the name, whatever the pattern.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from tailbase_core.errors import Invalid

VIEW = "view"
USUAL = ("animal", "session", "rig", "condition")

_TOKEN = re.compile(r"\{([^{}]*)\}|(\*)")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_FIELDS = 20


@dataclass(frozen=True)
class NameMatch:
    """`fields` without the view; `title` is the name with the view and wildcards cut out."""

    fields: dict[str, str]
    view: str | None
    title: str


@dataclass(frozen=True)
class _Pattern:
    """`literals` has one entry more than `names`; a name of "" is a wildcard."""

    literals: tuple[str, ...]
    names: tuple[str, ...]


def check_pattern(pattern: str, field: str = "pattern") -> None:
    """Raise Invalid with what is wrong with the pattern; `field` is what the client calls it."""
    try:
        _parse(pattern)
    except Invalid as wrong:
        wrong.field = field
        raise


def has_view(pattern: str) -> bool:
    return VIEW in _parse(pattern).names


def match_name(pattern: str, path: str) -> NameMatch | None:
    """The fields of a file, from as many trailing parts of its path (without extension) as the pattern has; or None."""
    parsed = _parse(pattern)
    parts = PurePosixPath(path.replace("\\", "/")).with_suffix("").parts
    name = "/".join(parts[-(pattern.count("/") + 1) :])
    values = _values(parsed, name)
    if values is None:
        return None
    fields = {n: v for n, v in zip(parsed.names, values, strict=True) if n not in ("", VIEW)}
    views = [v for n, v in zip(parsed.names, values, strict=True) if n == VIEW]
    return NameMatch(fields, views[0] if views else None, _title(parsed, values) or name)


def _values(pattern: _Pattern, name: str) -> list[str] | None:
    first, last = pattern.literals[0], pattern.literals[-1]
    end = len(name) - len(last)
    if not name.startswith(first) or not name.endswith(last) or end < len(first):
        return None
    values, position = [], len(first)
    for field, literal in zip(pattern.names[:-1], pattern.literals[1:-1], strict=True):
        found = name.find(literal, position + (1 if field else 0), end)
        if found < 0:
            return None
        values.append(name[position:found])
        position = found + len(literal)
    if end - position < (1 if pattern.names[-1] else 0):
        return None
    return [*values, name[position:end]]


def _title(pattern: _Pattern, values: list[str]) -> str:
    """A separator beside a part that is cut out goes with it."""
    title = pattern.literals[0]
    for field, value, literal in zip(pattern.names, values, pattern.literals[1:], strict=True):
        if field in ("", VIEW):
            title = title.rstrip("_-. ") + (literal if title else literal.lstrip("_-. "))
        else:
            title += value + literal
    return title.strip("_-. /")


@lru_cache(maxsize=256)
def _parse(pattern: str) -> _Pattern:
    pieces = _TOKEN.split(pattern)
    literals, names = tuple(pieces[0::3]), tuple(field or "" for field in pieces[1::3])
    stars = tuple(star is not None for star in pieces[2::3])
    for name, star in zip(names, stars, strict=True):
        if not star and not _FIELD.fullmatch(name):
            raise _wrong(f"{{{name}}} is no field name: use small letters, digits and _.")
    if not names or len(names) > _MAX_FIELDS:
        raise _wrong(f"a pattern needs 1 to {_MAX_FIELDS} fields such as {{session}}.")
    named = [name for name in names if name]
    if len(named) != len(set(named)):
        raise _wrong("a field may stand in it only once.")
    if any("{" in text or "}" in text for text in literals):
        raise _wrong("a brace is not closed.")
    if "" in literals[1:-1]:
        raise _wrong("two fields need some text between them, such as _.")
    return _Pattern(literals, names)


def _wrong(why: str) -> Invalid:
    return Invalid("pattern.invalid", f"This file-name pattern does not work: {why}", field="pattern")
