"""The fields of a TrainSpec, flat and with words for people, so that a form can be made of them."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from tailbase.schema import TrainSpec
from tailbase_api.models.field_words import GROUPS, WORDS
from tailbase_api.schemas import Reply


class TrainField(Reply):
    """One setting of a training.

    `path` is where it stands in a spec, such as `losses.temporal`. A `nullable` one may be null; `empty` explains that.
    `choice_titles` says what choices are called. A number lies between `minimum` and `maximum`; `above` and `below` are
    bounds that it must not reach.
    """

    path: str
    group: str
    title: str
    help: str
    kind: Literal["number", "integer", "choice", "switch", "text", "list"]
    nullable: bool = False
    empty: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    multiple_of: float | None = None
    choices: list[str | int] = Field(default_factory=list)
    choice_titles: dict[str, str] = Field(default_factory=dict)


_BOUNDS = {
    "minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "above", "exclusiveMaximum": "below",
    "multipleOf": "multiple_of",
}  # fmt: skip
_KINDS: Mapping[str, Literal["number", "integer", "switch", "text", "list"]] = {
    "number": "number", "integer": "integer", "boolean": "switch", "string": "text", "array": "list",
}  # fmt: skip


def train_fields() -> list[TrainField]:
    """All of them, in the order of the spec, those of one group together."""
    schema = TrainSpec.model_json_schema()
    return sorted(_walk(schema, schema["$defs"], ""), key=lambda field: list(GROUPS.values()).index(field.group))


def _walk(schema: dict[str, Any], definitions: dict[str, Any], prefix: str) -> Iterator[TrainField]:
    for name, own in schema["properties"].items():
        resolved, nullable = _resolved(own, definitions)
        if "properties" in resolved:
            yield from _walk(resolved, definitions, f"{prefix}{name}.")
        else:
            yield _field(f"{prefix}{name}", resolved, nullable)


def _resolved(own: dict[str, Any], definitions: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The schema behind references and beside null."""
    options = own.get("anyOf", [])
    nullable = {"type": "null"} in options
    inner = next((option for option in options if option != {"type": "null"}), own)
    for _ in range(len(definitions) + 1):
        reference = inner.get("$ref") or next((part["$ref"] for part in inner.get("allOf", [])), None)
        if reference is None:
            break
        inner = definitions[str(reference).rpartition("/")[2]]
    return inner, nullable


def _field(path: str, schema: dict[str, Any], nullable: bool) -> TrainField:
    words = WORDS.get(path)
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return TrainField(
        path=path,
        group=GROUPS.get(path.rpartition(".")[0], GROUPS[""]),
        title=words.title if words else path.rpartition(".")[2].replace("_", " ").capitalize(),
        help=words.help if words else "",
        empty=words.empty if words else "",
        kind="choice" if choices else _KINDS.get(schema.get("type", ""), "text"),
        nullable=nullable,
        choices=choices,
        choice_titles=dict(words.choices) if words else {},
        **{ours: schema[theirs] for theirs, ours in _BOUNDS.items() if theirs in schema},
    )
